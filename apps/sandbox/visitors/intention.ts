import { fromLocal, toLocal, addDays } from '#kernel/zone';
import type { Chance } from '../chance.js';
import type { VisitorHabits } from './habits.js';

/** What a person makes of an invitation. */
export type Intention =
  | { readonly kind: 'silent' }
  | { readonly kind: 'stop'; readonly at: Date }
  | { readonly kind: 'wrong_number'; readonly at: Date }
  | {
      readonly kind: 'answer';
      readonly way: 'web' | 'sms' | 'viber';
      readonly at: Date;
      readonly mood: Mood;
    };

/** The person behind the answers: the same one in every question of one survey. */
export interface Mood {
  readonly satisfaction: 'bad' | 'good' | 'excellent';
  readonly comments: boolean;
  /** Number of answered steps after which the person leaves; absent for those who stay to the end. */
  readonly leavesAfter?: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * What this person does about the `nth` message with one survey code, received at `at`: the same in every run with
 * the same seed.
 */
export function intend(
  chance: Chance,
  habits: VisitorHabits,
  message: { person: string; nth: number; at: Date },
): Intention {
  const { person, nth } = message;
  const first = nth === 1;
  if (first && chance.happens(habits.stopShare, 'stop', person)) return { kind: 'stop', at: when() };
  if (first && chance.happens(habits.wrongNumberShare, 'wrong', person))
    return { kind: 'wrong_number', at: when() };
  const willing = first ? habits.responseShare : habits.reminderShare;
  if (!chance.happens(willing, 'answer', person, nth)) return { kind: 'silent' };
  return {
    kind: 'answer',
    way: chance.weighted(habits.ways, 'way', person),
    at: when(),
    mood: moodOf(chance, habits, person),
  };

  function when(): Date {
    const delay = {
      // Squared: most of those who answer soon do so within minutes.
      soon: () => MINUTE + 29 * MINUTE * chance.of('delay', person, nth) ** 2,
      later: () => chance.between([30 * MINUTE, 7 * HOUR], 'delay', person, nth),
      nextDay: () => chance.between([16 * HOUR, 30 * HOUR], 'delay', person, nth),
    }[chance.weighted(habits.lateness, 'lateness', person, nth)]();
    const at = new Date(message.at.getTime() + delay);
    return awake(at, habits.zone, chance.of('morning', person, nth));
  }
}

function moodOf(chance: Chance, habits: VisitorHabits, person: string): Mood {
  const bad = chance.happens(habits.negativeShare, 'bad', person);
  const good = chance.happens(habits.goodShare, 'good', person);
  // Somebody who was badly served has more to say.
  const commentShare = bad ? Math.min(1, habits.commentShare * 5) : habits.commentShare;
  const leaves = chance.happens(habits.breakOffShare, 'leaves', person);
  return {
    satisfaction: bad ? 'bad' : good ? 'good' : 'excellent',
    comments: chance.happens(commentShare, 'comments', person),
    ...(leaves ? { leavesAfter: 1 + Math.floor(2 * chance.of('leaves after', person)) } : {}),
  };
}

/** People answer between seven and eleven at night; what falls into the night waits for the morning. */
export function awake(at: Date, zone: string, morning: number): Date {
  const { date, minute } = toLocal(at, zone);
  if (minute >= 7 * 60 && minute < 23 * 60) return at;
  const day = minute >= 23 * 60 ? addDays(date, 1) : date;
  return fromLocal(day, 7 * 60 + 30 + Math.floor(morning * 150), zone);
}
