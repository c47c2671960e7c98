import { z } from 'zod';
import { AppError } from '#kernel/errors';

const share = z.number().min(0).max(1);
const weight = z.number().min(0);

const habitsSchema = z.strictObject({
  /**
   * Share of first invitations that get an answer. Real ones: 5 to 15 % for a link by SMS, up to 40 % reported; a
   * demo wants to see some.
   */
  responseShare: share.default(0.35),
  /** Of those who let the invitation lie, the share that answers a reminder. */
  reminderShare: share.default(0.12),
  /** How those who answer do it; one that the sender does not allow falls to the web page. */
  ways: z
    .strictObject({ web: weight, sms: weight, viber: weight })
    .default({ web: 0.74, sms: 0.14, viber: 0.12 }),
  /** When: within half an hour, the same day, the next day. */
  lateness: z
    .strictObject({ soon: weight, later: weight, nextDay: weight })
    .default({ soon: 0.72, later: 0.21, nextDay: 0.07 }),
  /** Of those who answer, the share that gives bad marks. National monitoring: 2 %. */
  negativeShare: share.default(0.02),
  /** Of the satisfied, the share that says "good" rather than "excellent". */
  goodShare: share.default(0.1),
  commentShare: share.default(0.12),
  /** Of those who begin, the share that leaves before the end. */
  breakOffShare: share.default(0.06),
  /** Of those invited, the share that refuses for good. */
  stopShare: share.default(0.01),
  wrongNumberShare: share.default(0.003),
  /** Of all numbers, the share whose phone is off or gone. */
  unreachableShare: share.default(0.02),
  /** Phones whose number begins so are left to the person who tries the sandbox. */
  leaveAlone: z.string().default('+3805000000'),
  zone: z.string().default('Europe/Kyiv'),
});

/** How virtual visitors behave. */
export type VisitorHabits = Readonly<z.output<typeof habitsSchema>>;

export const usualHabits: VisitorHabits = habitsSchema.parse({});

/** Habits with what is not given as it was before. Throws AppError `habits_invalid` that names the fields. */
export function changeHabits(before: VisitorHabits, change: unknown): VisitorHabits {
  const given = habitsSchema.partial().safeParse(change);
  if (given.success) {
    // Partial keeps the defaults of absent fields: only what was really given may change anything.
    const names = Object.keys(change as object) as (keyof VisitorHabits)[];
    return { ...before, ...Object.fromEntries(names.map((name) => [name, given.data[name]])) };
  }
  const problems = given.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  throw new AppError('habits_invalid', `The habits are not understood: ${problems.join('; ')}`, {
    details: problems,
  });
}
