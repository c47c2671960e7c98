/** When the campaign of a run may write to people, by the clock of Kyiv. */
export interface Hours {
  /** `09:00`; inclusive. */
  readonly from: string;
  /** Exclusive. */
  readonly to: string;
  /** Otherwise not on Sundays. */
  readonly everyDay: boolean;
}

const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
export const SUNDAY = 7;

/** As a campaign's file has it. */
export function windowOf({ from, to, everyDay }: Hours): string {
  const days = everyDay ? WEEK : WEEK.slice(0, -1);
  return `window: { days: [${days.join(', ')}], from: '${from}', to: '${to}', closed: [] }`;
}

/** Minutes since midnight. */
export function minuteOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return hour * 60 + minute;
}
