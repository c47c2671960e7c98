import { z } from 'zod';
import { CASE_STATES } from './cases.sql.js';

const at = z.date().describe('ISO 8601, UTC');

/** A low score that somebody looks into, as operators see it: no number, no name. */
export const caseShape = z.object({
  id: z.string(),
  state: z.enum(CASE_STATES),
  assignee: z.string().nullable().describe('e-mail address or token name of who took it'),
  openedAt: at.describe('when the low score came in'),
  takenAt: at.nullable(),
  closedAt: at.nullable(),
  invitation: z.string(),
  timeline: z.string().describe('address of everything that happened to the invitation'),
  visit: z.string(),
  centre: z.string().describe('code'),
  centreName: z.string(),
  timezone: z.string().describe('zone of the centre'),
  service: z.string().nullable(),
  desk: z.string().nullable(),
  employee: z.string().nullable(),
  finishedAt: at.describe('when the visit ended'),
  phone: z.string().nullable().describe('masked; null once the person was forgotten'),
  scores: z
    .array(z.object({ question: z.string(), value: z.number(), label: z.string() }))
    .describe('marks at or under alertAtMost'),
  noteCount: z.number().int(),
});

export const caseDetailShape = caseShape.extend({
  words: z
    .array(z.object({ question: z.string(), text: z.string() }))
    .describe('what the person wrote, without numbers and mail addresses'),
  notes: z
    .array(z.object({ author: z.string(), writtenAt: at, text: z.string().nullable() }))
    .describe('oldest first; a text is null once the person was forgotten'),
});

export type Case = Readonly<z.infer<typeof caseShape>>;
export type CaseDetail = Readonly<z.infer<typeof caseDetailShape>>;
