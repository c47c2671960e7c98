import type { Phone } from '../phones/phone.js';
import type { WebhookProblem } from '../webhooks.js';
import type { Language } from './words.js';

/** What the page shows. */
export interface View {
  readonly language: Language;
  readonly search: string;
  /** Number of phones listed at most. */
  readonly show: number;
  readonly phones: readonly Phone[];
  readonly total: number;
  readonly chosen: Phone | undefined;
  readonly ownNumber: string;
  readonly now: Date;
  /** Whether the chosen phone can answer by SMS. */
  readonly smsReply: boolean;
  /** What went wrong with the form just sent. */
  readonly notice: string | undefined;
  readonly state: {
    readonly accepted: number;
    readonly phones: number;
    readonly visitors: boolean;
    readonly problems: readonly WebhookProblem[];
  };
}

/** The page's own address with something changed; `number` empty goes back to the list. */
export function address(
  view: Pick<View, 'language' | 'search' | 'show'> & { chosen?: Phone | undefined },
  change: { language?: Language; number?: string; show?: number } = {},
): string {
  const query = new URLSearchParams();
  const number = change.number ?? view.chosen?.number ?? '';
  const language = change.language ?? view.language;
  const show = change.show ?? view.show;
  if (number !== '') query.set('phone', number);
  if (view.search !== '') query.set('q', view.search);
  if (language !== 'uk') query.set('lang', language);
  if (show !== 50) query.set('show', String(show));
  const text = query.toString();
  return text === '' ? '/' : `/?${text}`;
}
