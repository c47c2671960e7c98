import { foldWords } from '#kernel/folding';
import { readAnswer } from '#surveys/read-answer';
import type { AnswerValue, Question } from '#surveys/survey';
import { keywordOf, type Keyword } from './keywords.js';

export interface ReplyContext {
  /** What the person is being asked. `null`: nothing is; absent: unknown, so the usual questions are tried. */
  readonly question?: Question | null;
  /** Whether the person has refused messages: only then YES means "write to me again" (a Twilio start word). */
  readonly optedOut?: boolean;
  /** What the carrier itself understood and acted on. */
  readonly carrierKeyword?: 'stop' | 'start' | 'help';
}

export type Understanding =
  | { readonly kind: 'answer'; readonly value: AnswerValue; readonly comment?: string }
  | { readonly kind: 'opt_out' | 'opt_in' | 'help' | 'wrong_number' | 'unclear' }
  /** Words, but no answer. `neverVisited`: the person says that there was no visit. */
  | { readonly kind: 'comment'; readonly comment: string; readonly neverVisited?: true };

const USUAL: readonly Question[] = [
  { key: 'quality', type: 'scale', min: 1, max: 5, text: { uk: '?' } },
  { key: 'solved', type: 'yesno', text: { uk: '?' } },
];

/**
 * What an inbound text means. The carrier's own verdict goes first, then a stop (which is never an answer), then the
 * answer to what was asked, then the other keywords. What cannot be told for sure is a comment or unclear.
 */
export function understand(text: string, context: ReplyContext = {}): Understanding {
  const { carrierKeyword, optedOut = false } = context;
  if (carrierKeyword === 'stop') return { kind: 'opt_out' };
  if (carrierKeyword === 'help') return { kind: 'help' };
  const yes = foldWords(text) === 'yes';
  if (optedOut && (yes || carrierKeyword === 'start')) return { kind: 'opt_in' };
  const keyword = keywordOf(text);
  if (keyword === 'opt_out') return { kind: 'opt_out' };
  const answer = answerTo(context.question, text, keyword);
  if (answer) return answer;
  if (carrierKeyword === 'start') return { kind: 'opt_in' };
  if (keyword === 'never_visited') return { kind: 'comment', comment: text.trim(), neverVisited: true };
  if (keyword) return { kind: keyword };
  return isRemark(text) ? { kind: 'comment', comment: text.trim() } : { kind: 'unclear' };
}

function answerTo(
  question: Question | null | undefined,
  text: string,
  keyword: Keyword | undefined,
): Understanding | undefined {
  if (question === null) return undefined;
  // Free text takes any words, so a keyword must win over it; marks and choices are never keywords.
  if (keyword !== undefined && question?.type === 'text') return undefined;
  for (const asked of question ? [question] : USUAL) {
    const reading = readAnswer(asked, text);
    if (reading) return { kind: 'answer', ...reading };
  }
  return undefined;
}

/** Two words or one long one; "хз", "ок" and "55" say nothing that could be kept as a remark. */
function isRemark(text: string): boolean {
  const words = foldWords(text)
    .split(' ')
    .filter((word) => /\p{L}{2}/u.test(word));
  return words.length >= 2 || words.some((word) => [...word].length >= 4);
}
