import { z } from 'zod';

/** Text by locale; `uk` is always there, since the state language is the default everywhere (Law 2704-VIII). */
const texts = z
  .record(z.string().regex(/^[a-z]{2}$/, 'a locale is two small letters'), z.string().trim().min(1).max(500))
  .refine((byLocale) => byLocale['uk'] !== undefined, { error: 'a Ukrainian text (uk) is required' });

const labels = z
  .record(z.string().regex(/^[a-z]{2}$/), z.array(z.string().trim().min(1).max(60)))
  .refine((byLocale) => byLocale['uk'] !== undefined, { error: 'Ukrainian labels (uk) are required' });

const questionKey = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, 'a key is small Latin letters, digits and _, 40 at most')
  .refine((key) => key !== 'visit', { error: '"visit" is taken: conditions use it for fields of the visit' });
const choiceKey = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_]{0,39}$/, 'a key is small Latin letters, digits and _, 40 at most');

const literal = z.union([z.string(), z.number(), z.boolean()]);
/** Equality, a list of which one must match, or bounds on a number. On a multi answer: one of the chosen. */
const condition = z.union([
  literal,
  z.array(literal).min(1),
  z
    .strictObject({ atMost: z.number().optional(), atLeast: z.number().optional() })
    .refine((bounds) => bounds.atMost !== undefined || bounds.atLeast !== undefined, {
      error: 'needs atMost or atLeast',
    }),
]);
/** All must hold. `visit` speaks of the visit: `{visit: {attributes.exam: true}}`. */
const when = z
  .object({ visit: z.record(z.string(), condition).optional() })
  .catchall(condition) as z.ZodType<When>;

const asked = { key: questionKey, text: texts, when: when.optional(), optional: z.boolean().optional() };
const choices = z
  .array(z.strictObject({ key: choiceKey, text: texts }))
  .min(2)
  .max(11);

const question = z.discriminatedUnion('type', [
  z.strictObject({
    ...asked,
    type: z.literal('scale'),
    min: z.int().min(0),
    max: z.int().max(10),
    labels: labels.optional(),
    alertAtMost: z.int().optional(),
  }),
  z.strictObject({ ...asked, type: z.literal('nps'), alertAtMost: z.int().min(0).max(10).optional() }),
  z.strictObject({ ...asked, type: z.literal('yesno') }),
  z.strictObject({ ...asked, type: z.literal('choice'), choices }),
  z.strictObject({ ...asked, type: z.literal('multi'), choices }),
  z.strictObject({ ...asked, type: z.literal('text') }),
]);

export const surveyShape = z.strictObject({
  key: z.string().regex(/^[a-z][a-z0-9-]{0,59}$/, 'a key is small Latin letters, digits and -'),
  title: texts,
  questions: z.array(question).min(1).max(30),
});

export type SurveyShape = z.infer<typeof surveyShape>;
export type QuestionShape = SurveyShape['questions'][number];
export type Condition = z.infer<typeof condition>;
export type When = { visit?: Record<string, Condition> | undefined } & Record<
  string,
  Condition | Record<string, Condition>
>;
