import { setTimeout as pause } from 'node:timers/promises';
import { addDays, fromLocal, toLocal } from '#kernel/zone';
import { minuteOf, SUNDAY, type Hours } from './hours.js';
import type { ChaosHouse } from './house.js';

interface Accepted {
  readonly seq: number;
  readonly at: string;
  readonly channel: 'sms' | 'viber';
  readonly to: string;
  readonly messageId?: string;
}

const PAGE = 10_000;
const LOOK_MS = 250;
const ZONE = 'Europe/Kyiv';

/** What the carriers took, read from them while it happens, so that nothing depends on how much they remember. */
export class Census {
  /** How often each message id of ours was accepted. */
  readonly times = new Map<string, number>();
  readonly withoutId: string[] = [];
  /** Those that reached a carrier outside the window, by the carrier's own clock. */
  readonly outside: { readonly at: Date }[] = [];
  private since = 0;
  private counted = 0;
  private judging = true;
  private stopped = false;
  private reading: Promise<void> | undefined;

  constructor(
    private readonly house: ChaosHouse,
    private readonly hours: Hours,
  ) {}

  get accepted(): number {
    return this.since;
  }

  /** Messages that were accepted more than once. */
  get twice(): string[] {
    return [...this.times].filter(([, times]) => times > 1).map(([id]) => id);
  }

  begin(): void {
    this.reading = (async () => {
      while (!this.stopped) {
        await this.read();
        await pause(LOOK_MS);
      }
    })();
  }

  /** What comes from now on is sent by a clock that is ahead of the carriers', so their hours mean nothing. */
  async judgeHoursNoMore(): Promise<void> {
    await this.read();
    this.judging = false;
  }

  /** Real milliseconds by which the latest one outside the window came after its end; 0 when there was none. */
  latestMs(speed: number): number {
    const after = this.outside.map(
      ({ at }) => (at.getTime() - closingBefore(at, this.hours).getTime()) / speed,
    );
    return Math.round(Math.max(0, ...after));
  }

  /** Reads the last of it. */
  async end(): Promise<void> {
    this.stopped = true;
    await this.reading;
    await this.read();
  }

  private async read(): Promise<void> {
    for (;;) {
      const path = `/api/messages?since=${this.since}&limit=${PAGE}`;
      const { messages, next } = await this.house.ask<{ messages: Accepted[]; next: number }>(path);
      for (const message of messages) this.count(message);
      this.since = next;
      if (messages.length < PAGE) return;
    }
  }

  private count({ seq, at, messageId, to }: Accepted): void {
    if (seq !== ++this.counted) throw new Error('the sandbox forgot messages before they were counted');
    if (messageId === undefined) this.withoutId.push(to);
    else this.times.set(messageId, (this.times.get(messageId) ?? 0) + 1);
    if (!this.judging) return;
    const { minute, weekday } = toLocal(new Date(at), ZONE);
    const { hours } = this;
    const open = minute >= minuteOf(hours.from) && minute < minuteOf(hours.to);
    if (!open || (!hours.everyDay && weekday === SUNDAY)) this.outside.push({ at: new Date(at) });
  }
}

/** The last end of a window before the moment: of the day itself or of the one before. */
function closingBefore(at: Date, { to, everyDay }: Hours): Date {
  const { date, minute, weekday } = toLocal(at, ZONE);
  const closing = minuteOf(to);
  const sameDay = minute >= closing && (everyDay || weekday !== SUNDAY);
  return fromLocal(sameDay ? date : addDays(date, -1), closing, ZONE);
}
