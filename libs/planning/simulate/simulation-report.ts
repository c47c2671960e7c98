import { unrunnable } from '#kernel/formula';
import { toLocal } from '#kernel/zone';
import { REASONS, type Invited, type Reason } from '../decide.js';
import type { SimulatedVisit } from './replay.js';

export interface SimulatedMonth {
  /** `YYYY-MM` in the zone of the centres. */
  readonly month: string;
  readonly invitations: number;
  /** Invitations by the channel that is tried first. */
  readonly channels: Record<'sms' | 'viber', number>;
  /** SMS parts if every invitation of a campaign with SMS goes, or falls back, to one SMS. */
  readonly smsParts: number;
  /** `smsParts` at the price given, in its currency; null without a price. */
  readonly cost: number | null;
}

/** What a set of rules would have done with the visits. */
export interface SimulationReport {
  readonly records: number;
  /** Records that repeated one before them. */
  readonly duplicates: number;
  readonly visits: number;
  readonly decisions: Record<'invited' | 'control' | 'not_invited', number>;
  readonly reasons: Record<Reason, number>;
  /** First messages by hour of their planned time, UTC; hours without any are left out. */
  readonly hours: readonly { readonly hour: string; readonly messages: number }[];
  readonly peak: { readonly hour: string; readonly messages: number } | null;
  /** First messages by hour of the day in the zone of their centre: all of them, and the most on one day. */
  readonly dayHours: readonly { readonly hour: string; readonly messages: number; readonly most: number }[];
  readonly months: readonly SimulatedMonth[];
  readonly expected: { readonly responsePercent: number; readonly answers: number };
}

export interface Assumptions {
  /** Of those invited, how many answer; survey practice expects 5 to 15 by a link in an SMS. */
  readonly responsePercent: number;
  /** Of one SMS part. */
  readonly partPrice?: number | undefined;
}

export function reportOf(
  simulated: Iterable<SimulatedVisit>,
  counts: { records: number; duplicates: number },
  assumptions: Assumptions,
): SimulationReport {
  const decisions = { invited: 0, control: 0, not_invited: 0 };
  const reasons = Object.fromEntries(REASONS.map((reason) => [reason, 0])) as Record<Reason, number>;
  const hours = new Map<string, number>();
  const localHours = new Map<string, number>();
  const months = new Map<string, { -readonly [K in keyof SimulatedMonth]: SimulatedMonth[K] }>();
  let visits = 0;
  for (const { visit, decision } of simulated) {
    visits++;
    decisions[decision.decision]++;
    if (decision.decision === 'not_invited') reasons[decision.reason]++;
    if (decision.decision !== 'invited') continue;
    const hour = `${decision.plannedAt.toISOString().slice(0, 13)}:00Z`;
    hours.set(hour, (hours.get(hour) ?? 0) + 1);
    const { date, minute } = toLocal(decision.plannedAt, visit.centre.zone);
    const localHour = `${date} ${String(Math.floor(minute / 60)).padStart(2, '0')}:00`;
    localHours.set(localHour, (localHours.get(localHour) ?? 0) + 1);
    const name = date.slice(0, 7);
    let month = months.get(name);
    if (!month) months.set(name, (month = emptyMonth(name)));
    addTo(month, decision);
  }
  const byHour = [...hours]
    .map(([hour, messages]) => ({ hour, messages }))
    .sort((a, b) => (a.hour < b.hour ? -1 : 1));
  return {
    ...counts,
    visits,
    decisions,
    reasons,
    hours: byHour,
    peak: byHour.reduce<SimulationReport['peak']>((peak, one) => (peak && peak.messages >= one.messages ? peak : one), null), // prettier-ignore
    dayHours: byHourOfDay(localHours),
    months: [...months.values()]
      .sort((a, b) => (a.month < b.month ? -1 : 1))
      .map((month) => ({ ...month, cost: costOf(month.smsParts, assumptions.partPrice) })),
    expected: {
      responsePercent: assumptions.responsePercent,
      answers: Math.round((decisions.invited * assumptions.responsePercent) / 100),
    },
  };
}

function byHourOfDay(localHours: ReadonlyMap<string, number>): SimulationReport['dayHours'] {
  const days = new Map<string, { hour: string; messages: number; most: number }>();
  for (const [localHour, messages] of localHours) {
    const hour = localHour.slice(-5);
    const known = days.get(hour) ?? { hour, messages: 0, most: 0 };
    days.set(hour, { hour, messages: known.messages + messages, most: Math.max(known.most, messages) });
  }
  return [...days.values()].sort((a, b) => (a.hour < b.hour ? -1 : 1));
}

function emptyMonth(month: string): SimulatedMonth & { invitations: number; smsParts: number } {
  return { month, invitations: 0, channels: { sms: 0, viber: 0 }, smsParts: 0, cost: null };
}

function addTo(
  month: { invitations: number; channels: SimulatedMonth['channels']; smsParts: number },
  invited: Invited,
): void {
  month.invitations++;
  month.channels[invited.channel]++;
  month.smsParts += invited.parts;
}

function costOf(parts: number, price: number | undefined): number | null {
  return price === undefined ? null : Math.round(parts * price * 100) / 100;
}

export const DECISIONS_HEADER = 'visit,decision,reason,campaign,channel,planned_at';

/** A line of the decisions file. The campaign stands wherever one took the visit; the rest only for the invited. */
export function decisionLine({ visit, decision }: SimulatedVisit): string {
  const invited = decision.decision === 'invited' ? decision : undefined;
  return [
    quoted(visit.visitKey),
    decision.decision,
    decision.decision === 'not_invited' ? decision.reason : '',
    decision.campaign?.key ?? '',
    invited?.channel ?? '',
    invited?.plannedAt.toISOString() ?? '',
  ].join(',');
}

/** The key comes from the queue system; nothing in it is run by a spreadsheet. */
function quoted(given: string): string {
  const cell = unrunnable(given);
  return /[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
