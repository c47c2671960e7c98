import type { AcceptedMessage } from '#sandbox/accepted';
import type { Deeds } from '#sandbox/visitors/diary';
import { linksIn } from '#sandbox/phones/links';
import { noCounts, type Letter } from '#reporting/disposition';
import type { BotDoors } from './join-bot.js';

/** Words by which the three carriers say that a message arrived, was read, or did not arrive. */
const ARRIVED = /^(delivered|delivrd|read|seen)$/i;
const READ = /^(read|seen)$/i;
const LOST = /^(undelivered|undeliv|failed)$/i;

export const arrived = ({ told }: AcceptedMessage): boolean => told.some((word) => ARRIVED.test(word));
const read = ({ told }: AcceptedMessage): boolean => told.some((word) => READ.test(word));
const lost = ({ told }: AcceptedMessage): boolean => told.some((word) => LOST.test(word));

export interface CarriersRecord {
  readonly messages: readonly AcceptedMessage[];
  readonly people: readonly Deeds[];
}

/** All that the sandbox knows: every message a carrier took, what we were told of it, and what each person did. */
export async function carriersRecord(doors: BotDoors): Promise<CarriersRecord> {
  const all = 'since=0&limit=10000';
  const { messages } = await doors.ask<{ messages: AcceptedMessage[] }>(`/api/messages?${all}`);
  const { people } = await doors.ask<{ people: Deeds[] }>(`/api/visitors/people?${all}`);
  return { messages, people };
}

/**
 * The outcome of one invitation by the record alone, as AAPOR's Standard Definitions have it: what the person did, or
 * else the best that a carrier told us of its invites. `doubtful`: whether one of them is in doubt, `questions`: how many must
 * be answered; they come first. No reminders: who was not reached by an invite gets none.
 */
function letterOf(
  deeds: Deeds | undefined,
  messages: readonly AcceptedMessage[],
  doubtful: boolean,
  questions: number,
): Letter {
  const answered = deeds?.answered ?? 0;
  if (answered >= questions) return 'I';
  if (answered > 0) return answered * 2 >= questions ? 'P' : 'R';
  if (deeds?.refused === true) return 'R';
  if (deeds?.wrongNumber === true) return 'UO';
  if (deeds?.opened === true || messages.some(read)) return 'R';
  if (messages.some(arrived)) return 'NC';
  if (messages.length > 0 && messages.every(lost) && !doubtful) return 'UO';
  return messages.length > 0 ? 'NC' : 'UH';
}

/** Outcomes of these invitations, counted. `leftOpen`: carriers' ids of messages of which we do not know that they were sent. */
export function outcomesOf(
  record: CarriersRecord,
  invitations: readonly { readonly code: string; readonly doubtful: boolean }[],
  leftOpen: ReadonlySet<string>,
  questions: number,
): Record<Letter, number> {
  const deeds = new Map(record.people.map((one) => [one.code, one]));
  const messages = new Map<string, AcceptedMessage[]>();
  for (const message of record.messages) {
    const code = linksIn(message.text).find((link) => link.code !== undefined)?.code;
    if (code === undefined || leftOpen.has(message.externalId)) continue;
    messages.set(code, [...(messages.get(code) ?? []), message]);
  }
  const counts = noCounts();
  for (const { code, doubtful } of invitations) {
    counts[letterOf(deeds.get(code), messages.get(code) ?? [], doubtful, questions)]++;
  }
  return counts;
}
