export const MESSAGE_STATES = [
  'queued',
  'sending',
  'accepted',
  'delivered',
  'failed',
  'uncertain',
  'cancelled',
  'abandoned',
] as const;
export type MessageState = (typeof MESSAGE_STATES)[number];

/**
 * Who moves a message: `claim` and `settle` around one send; `rescue` when a worker never settled; `upkeep` over the
 * queue; `planning` when a visit is planned anew; `reply` when the person said or did something; `receipt` from
 * the carrier's webhook; `lookup` by asking the carrier; `policy` of the campaign; `operator` by a person's decision;
 * `erasure` of the person.
 */
export type Mover =
  | 'claim'
  | 'settle'
  | 'rescue'
  | 'upkeep'
  | 'planning'
  | 'reply'
  | 'receipt'
  | 'lookup'
  | 'policy'
  | 'operator'
  | 'erasure';

export interface Transition {
  readonly from: MessageState;
  readonly to: MessageState;
  readonly by: readonly Mover[];
  /** When it happens, for docs/states.md. */
  readonly when: string;
}

/**
 * Every way a message may go; what is not here does not happen. The statements of this room take their `from`
 * states from here, and a test holds this table, the database's CHECK and docs/states.md together.
 */
export const TRANSITIONS: readonly Transition[] = [
  { from: 'queued', to: 'sending', by: ['claim'], when: 'due, window open, nobody refused' },
  {
    from: 'queued',
    to: 'cancelled',
    by: ['claim', 'upkeep', 'planning', 'reply', 'erasure'],
    when: 'refused, answered, planned anew, forgotten, or too late',
  },
  {
    from: 'queued',
    to: 'accepted',
    by: ['receipt', 'lookup'],
    when: 'it was to go again, and the carrier has it after all',
  },
  { from: 'queued', to: 'failed', by: ['receipt'], when: 'it was to go again, and the carrier refused it' },
  { from: 'sending', to: 'accepted', by: ['settle'], when: 'the carrier took it' },
  {
    from: 'sending',
    to: 'queued',
    by: ['settle'],
    when: 'not sent, or safe to repeat: deferred, sender stopped, or given back',
  },
  { from: 'sending', to: 'failed', by: ['settle'], when: 'rejected, blocked, or cannot be written' },
  {
    from: 'sending',
    to: 'uncertain',
    by: ['settle', 'rescue'],
    when: 'nobody can know, or its worker is gone',
  },
  { from: 'accepted', to: 'delivered', by: ['receipt'], when: 'the carrier says it arrived' },
  { from: 'accepted', to: 'failed', by: ['receipt'], when: 'the carrier says it will not arrive' },
  { from: 'uncertain', to: 'accepted', by: ['receipt', 'lookup'], when: 'the carrier has it after all' },
  { from: 'uncertain', to: 'failed', by: ['receipt', 'lookup'], when: 'the carrier refused it' },
  {
    from: 'uncertain',
    to: 'queued',
    by: ['lookup', 'policy', 'operator'],
    when: 'the campaign or an operator says resend, or it certainly never left',
  },
  {
    from: 'uncertain',
    to: 'abandoned',
    by: ['policy', 'operator'],
    when: 'nothing was learned in time, or an operator gave it up',
  },
];

/** Whether nothing leaves the state. */
export function isTerminal(state: MessageState): boolean {
  return !TRANSITIONS.some(({ from }) => from === state);
}

export function allows(from: MessageState, to: MessageState, by: Mover): boolean {
  return TRANSITIONS.some((way) => way.from === from && way.to === to && way.by.includes(by));
}

/** The states `by` may lead out of, for the `from` of a statement. */
export function statesLeftBy(by: Mover): MessageState[] {
  return [...new Set(TRANSITIONS.filter((way) => way.by.includes(by)).map(({ from }) => from))];
}

/** The diagram of docs/states.md, in Mermaid. */
export function stateDiagram(): string {
  const edge = ({ from, to, by }: Transition): string => `    ${from} --> ${to}: ${by.join(', ')}`;
  const ends = MESSAGE_STATES.filter(isTerminal).map((state) => `    ${state} --> [*]`);
  return ['stateDiagram-v2', '    [*] --> queued', ...TRANSITIONS.map(edge), ...ends].join('\n');
}

/** The table of docs/states.md, in Markdown. */
export function stateTable(): string {
  const row = ({ from, to, by, when }: Transition): string =>
    `| ${from} | ${to} | ${by.join(', ')} | ${when} |`;
  return ['| from | to | by | when |', '| --- | --- | --- | --- |', ...TRANSITIONS.map(row)].join('\n');
}
