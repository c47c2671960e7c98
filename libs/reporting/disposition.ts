/** Letters of the AAPOR outcome rates, in the order reports show them. */
export const LETTERS = ['I', 'P', 'R', 'NC', 'O', 'UH', 'UO', 'NE'] as const;
export type Letter = (typeof LETTERS)[number];
export type Counts = Readonly<Record<Letter, number>>;

/** What is known of one sampled visit, over all channels and reminders. Each fact only says whether it happened. */
export interface InvitationFacts {
  /** The visit should not have been in the sample: nobody was there, a test record, staff, a minor. */
  readonly ineligible: boolean;
  readonly completed: boolean;
  /** Answers enough to count without being complete: see ENOUGH. */
  readonly enough: boolean;
  readonly started: boolean;
  /** STOP, "no", or the sender blocked, after the invitation. */
  readonly refused: boolean;
  readonly wrongNumber: boolean;
  readonly opened: boolean;
  /** A read receipt. */
  readonly seen: boolean;
  /** Answered to the end, but after the invitation expired. */
  readonly late: boolean;
  readonly sent: boolean;
  readonly delivered: boolean;
  readonly undelivered: boolean;
  /** Written to in another language than the one recorded at the visit, which the campaign does not offer. */
  readonly foreign: boolean;
}

export const FACTS = [
  'ineligible',
  'completed',
  'enough',
  'started',
  'refused',
  'wrongNumber',
  'opened',
  'seen',
  'late',
  'sent',
  'delivered',
  'undelivered',
  'foreign',
] as const satisfies readonly (keyof InvitationFacts)[];

export interface Disposition {
  /** Final code for internet surveys of named persons, AAPOR Standard Definitions. */
  readonly code: string;
  readonly letter: Letter;
}

/** Names the rule below; it changes whenever a combination of facts would get another code. */
export const DISPOSITION_RULE = 'vidhuk-disposition/2';

/** When a break-off becomes a partial, set beforehand: part of DISPOSITION_RULE. */
export const ENOUGH = 'at least half of the questions that are asked of everyone and are not optional';

interface Step extends Disposition {
  readonly when: (facts: InvitationFacts) => boolean;
}

/**
 * The first that applies. Order: I > P > 2.12 > 2.111 > 2.33 > 2.1121 > 2.1122 > NC > UO > UH.
 *
 * Two rules stand outside that order. A visit that is known not to belong to the sample is NE whatever happened
 * on the way. "Wrong number" says that whoever received, saw and opened the message was someone else, so it
 * outranks those three facts; answers and a refusal stand.
 */
const steps: readonly Step[] = [
  { code: '4.10', letter: 'NE', when: (f) => f.ineligible },
  { code: '1.1', letter: 'I', when: (f) => f.completed },
  { code: '1.2', letter: 'P', when: (f) => f.started && f.enough },
  { code: '2.12', letter: 'R', when: (f) => f.started },
  { code: '2.111', letter: 'R', when: (f) => f.refused },
  { code: '3.90', letter: 'UO', when: (f) => f.wrongNumber },
  // The message reached somebody who cannot read it: no refusal. O counts as a contact, so an unread one stays NC.
  { code: '2.33', letter: 'O', when: (f) => f.foreign && (f.opened || f.seen) },
  { code: '2.1121', letter: 'R', when: (f) => f.opened },
  { code: '2.1122', letter: 'R', when: (f) => f.seen },
  { code: '2.27', letter: 'NC', when: (f) => f.late },
  // The list is of people who were served, so a delivered message nobody opened is an eligible non-contact.
  { code: '2.20', letter: 'NC', when: (f) => f.delivered || (f.sent && !f.undelivered) },
  { code: '3.30', letter: 'UO', when: (f) => f.undelivered },
  { code: '3.11', letter: 'UH', when: () => true },
];

/** The one final disposition of a sampled visit. Pure: equal facts, equal disposition. */
export function disposition(facts: InvitationFacts): Disposition {
  for (const { code, letter, when } of steps) if (when(facts)) return { code, letter };
  throw new Error('the last step applies to everything');
}

/** Counts with every letter at zero. */
export function noCounts(): Record<Letter, number> {
  return { I: 0, P: 0, R: 0, NC: 0, O: 0, UH: 0, UO: 0, NE: 0 };
}
