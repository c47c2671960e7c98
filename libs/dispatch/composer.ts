import type { Keyboard, OutgoingMessage } from '#channels/channel';
import type { Vault } from '#contacts/vault';
import type { Clock } from '#kernel/clock';
import { reasonOf } from '#kernel/errors';
import { wordingHash } from '#rendering/approval';
import type { MessageFields } from '#rendering/fields';
import { isNoticeKind, noticeText } from '#rendering/notices';
import { askedReply } from '#rendering/reply-words';
import { renderMessage } from '#rendering/template';
import { questionMessage } from '#surveys/question-message';
import type { ClaimedMessage } from './claim.sql.js';
import type { Definitions, MessageTexts } from './definitions.js';

export type Composed =
  | { readonly message: OutgoingMessage }
  /** It cannot be written, now or later; no number and no text in it. */
  | { readonly unwritable: string; readonly reason?: TextRefusal };

/** The sender may not carry this text: another channel may. */
export type TextRefusal = 'not_approved' | 'asks_reply';

/** What a sender allows of texts. Left out: anything. */
export interface TextRules {
  /** Whether people can answer this sender with text. */
  readonly twoWay: boolean;
  /** Hashes of the wordings that its carrier has approved; undefined where none is needed. */
  readonly approved?: ReadonlySet<string> | undefined;
}

class TextRefused extends Error {
  constructor(
    readonly reason: TextRefusal,
    message: string,
  ) {
    super(message);
  }
}

interface Written {
  readonly text: string;
  readonly keyboard?: Keyboard;
}

const SHORTEST_VALIDITY_S = 30;
const KNOWN_AT_MOST = 1_000;

/** Turns a claimed row into what a channel sends. Text and number exist only here and in the channel's call. */
export class Composer {
  constructor(
    private readonly definitions: Definitions,
    private readonly vault: Vault,
    private readonly clock: Clock,
    /** Without trailing slash. */
    private readonly publicUrl: string,
  ) {}

  /** Reads what the rows refer to, so that `compose` needs no waiting. */
  async prepare(rows: readonly ClaimedMessage[]): Promise<void> {
    await this.definitions.load(rows.flatMap((row) => [row.templateId, row.surveyId, row.campaignId]));
  }

  /** `prepare` has seen the row. Never throws. */
  compose(row: ClaimedMessage, rules?: TextRules): Composed {
    try {
      const address = row.userId ?? (row.phoneCipher === null ? undefined : this.vault.open(row.phoneCipher));
      if (address === undefined) return { unwritable: 'the number was erased' };
      const { text, keyboard } = this.write(row, rules);
      if (text === '') return { unwritable: 'the text is empty' };
      const { id, attempt } = row;
      const validForSeconds = this.validity(row.dropAt);
      const { publicUrl } = this;
      const message = { id, attempt, address, text, publicUrl, validForSeconds };
      return { message: keyboard ? { ...message, keyboard } : message };
    } catch (thrown) {
      if (thrown instanceof TextRefused) return { unwritable: thrown.message, reason: thrown.reason };
      return { unwritable: reasonOf(thrown) };
    }
  }

  private write(row: ClaimedMessage, rules?: TextRules): Written {
    if (row.kind === 'notice') return { text: notice(row) };
    if (row.kind === 'question' || row.kind === 'reask') return this.question(row);
    const template = this.definitions.message(row.templateId);
    if (!template) throw new Error('its text is not defined');
    const source = sourceOf(template, row);
    if (rules) mayCarry(source, rules);
    const text = renderMessage(source, this.fields(row));
    const opening = this.openingQuestion(row);
    return opening ? { ...opening, text: `${text}\n\n${opening.text}` } : { text };
  }

  private question(row: ClaimedMessage): Written {
    const survey = this.definitions.survey(row.surveyId);
    const question = survey?.questions.find(({ key }) => key === row.content['question']);
    if (!survey || !question || row.code === null) throw new Error('its question is not in the survey');
    const { locale, channel, code } = row;
    return questionMessage(survey, question, { locale, channel, code, again: row.kind === 'reask' });
  }

  /**
   * A bot's invitation asks the first question at once, with its buttons: one press answers it. A message to a phone
   * number has no buttons, and its text may be approved word by word, so nothing is added to it.
   */
  private openingQuestion(row: ClaimedMessage): Written | undefined {
    const toBot = row.userId !== null && (row.kind === 'invite' || row.kind === 'reminder');
    const survey = toBot ? this.definitions.survey(row.surveyId) : undefined;
    const first = survey?.questions[0];
    if (!survey || !first || first.when !== undefined || row.code === null) return undefined;
    const { locale, channel, code } = row;
    const { text, keyboard } = questionMessage(survey, first, { locale, channel, code, titled: false });
    return keyboard ? { text, keyboard } : undefined;
  }

  private fields(row: ClaimedMessage): MessageFields {
    const given = (row.content['fields'] ?? {}) as Partial<Record<string, unknown>>;
    return {
      link: `${this.publicUrl}/${row.code ?? ''}`,
      centre: textOf(given['centre']),
      service: textOf(given['service']),
      date: textOf(given['date']),
      deadline: textOf(given['deadline']),
      sender: textOf(given['sender']),
    };
  }

  /** Carriers count real seconds, the window closes by civil time. */
  private validity(dropAt: Date): number {
    const seconds = (dropAt.getTime() - this.clock.now().getTime()) / 1000 / this.clock.speed;
    return Math.max(SHORTEST_VALIDITY_S, Math.floor(seconds));
  }
}

/** What texts ask for: each is looked through once. */
const known = {
  replies: new Map<string, string | undefined>(),
  reply(source: string): string | undefined {
    if (!this.replies.has(source)) {
      if (this.replies.size >= KNOWN_AT_MOST) this.replies.clear();
      this.replies.set(source, askedReply(source));
    }
    return this.replies.get(source);
  },
};

/** Looked at each time a message leaves: approvals come and go while messages wait. Throws TextRefused. */
function mayCarry(source: string, { twoWay, approved }: TextRules): void {
  if (approved && !approved.has(wordingHash(source).toString('hex'))) {
    throw new TextRefused(
      'not_approved',
      'its wording is not approved by the carrier: vidhuk pack approvals',
    );
  }
  const asked = twoWay ? undefined : known.reply(source);
  if (asked !== undefined) {
    throw new TextRefused(
      'asks_reply',
      `its text asks for an answer ("${asked}"), which this sender cannot take`,
    );
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function notice(row: ClaimedMessage): string {
  const kind = String(row.content['notice']);
  if (!isNoticeKind(kind)) throw new Error('its notice is unknown');
  return noticeText(kind, row.locale);
}

/** The text in the message's language and for its channel; Ukrainian, then the other channel's, where there is none. */
function sourceOf({ texts }: MessageTexts, { locale, channel }: ClaimedMessage): string {
  const other = channel === 'sms' ? 'viber' : 'sms';
  for (const [language, form] of [
    [locale, channel],
    ['uk', channel],
    [locale, other],
    ['uk', other],
  ] as const) {
    const source = texts[language]?.[form];
    if (source !== undefined) return source;
  }
  throw new Error('its text has no fitting language');
}
