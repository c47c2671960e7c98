import type { CarrierFact } from '#channels/channel';
import { SteppedClock } from '#kernel/clock';
import { surveyCode } from '#kernel/ids';
import { AnswerBook } from '#replies/answer-book';
import { FactApplier, type ApplyCounts } from '#replies/fact-applier';
import { recordFacts } from '#replies/record';
import { senderEnsure } from '#replies/sender.sql';
import { SurveyShelf } from '#replies/survey-shelf';
import type { Database } from '#store/database';
import { Builders, type Campaign } from './builders.js';

const text = (uk: string): object => ({ uk, en: `${uk} (en)` });

/** A scale, a follow-up for bad marks, a likelihood and an optional remark. */
export const QUESTIONS = [
  { key: 'quality', type: 'scale', min: 1, max: 5, text: text('Як Вас обслужили?') },
  {
    key: 'reason',
    type: 'multi',
    text: text('Що не сподобалось?'),
    choices: [
      { key: 'queue', text: text('Довга черга') },
      { key: 'staff', text: text('Неввічливість') },
    ],
    when: { quality: { atMost: 3 } },
  },
  { key: 'recommend', type: 'nps', text: text('Чи порадите нас?') },
  { key: 'comment', type: 'text', text: text('Що покращити?'), optional: true },
];

export interface Sent {
  readonly invitationId: string;
  readonly contactId: string;
  readonly code: string;
  readonly messageId: string;
  readonly phone: string;
}

/** An invited person and the carriers' side of the conversation with them, for tests of replies. */
export class ReplyDesk {
  readonly clock = new SteppedClock(new Date('2026-03-02T12:00:00Z'));
  readonly builders: Builders;
  readonly book: AnswerBook;
  readonly applier: FactApplier;
  readonly errors: unknown[] = [];
  /** Doubts that receipts ended, as `sender how`. */
  readonly doubtsEnded: string[] = [];
  private made = 0;
  private campaigns = new Map<string, Campaign>();

  constructor(readonly db: Database) {
    this.builders = new Builders(db, this.clock.now());
    this.book = new AnswerBook(db, this.builders.vault, new SurveyShelf());
    this.applier = new FactApplier(
      db,
      this.builders.vault,
      this.book,
      this.clock,
      (_, thrown) => this.errors.push(thrown),
      ({ sender, how }) => this.doubtsEnded.push(`${sender} ${how}`),
    );
  }

  async setUp(): Promise<void> {
    const senders = [
      { key: 'twilio', kind: 'twilio', channel: 'sms', addressing: 'phone', twoWay: true, priority: 1 },
      { key: 'oneway', kind: 'turbosms', channel: 'sms', addressing: 'phone', twoWay: false, priority: 2 },
      { key: 'viber', kind: 'viber', channel: 'viber', addressing: 'subscriber', twoWay: true, priority: 1 },
    ] as const;
    await senderEnsure(this.db, senders, this.clock.now());
  }

  /** A person who was sent an invite by SMS an hour ago. `thanks`: the campaign says thank you. */
  async invite(
    options: { phone?: string; thanks?: boolean; sender?: string; state?: string } = {},
  ): Promise<Sent> {
    const phone = options.phone ?? `+38067${String(1_000_000 + ++this.made)}`;
    const campaign = await this.campaign(options.thanks ?? true);
    const state = options.state ?? 'accepted';
    const facts = state === 'queued' ? {} : { sent: true as const };
    const path = await this.builders.path({ phone, campaign, facts });
    const invitationId = path.invitationId ?? '';
    const messageId = await this.builders.message(invitationId, {
      sender: options.sender ?? 'twilio',
      template_id: campaign.messageId,
      content: JSON.stringify({ fields: { centre: 'ЦНАП', deadline: '9 березня' } }),
      state,
      ...(state === 'accepted' || state === 'delivered' ? { accepted_at: this.clock.now(), external_id: `SM${surveyCode()}` } : {}),
      ...(state === 'sending' ? { claimed_by: 'w', claimed_at: this.clock.now(), claim_id: 1 } : {}),
      ...(['delivered', 'failed', 'cancelled', 'abandoned'].includes(state) ? { settled_at: this.clock.now() } : {}),
      attempt: state === 'queued' ? 0 : 1,
    }); // prettier-ignore
    const { code } = await this.row<{ code: string }>(
      'select code from invitation where id = $1',
      invitationId,
    );
    return { invitationId, contactId: path.contactId ?? '', code, messageId, phone };
  }

  /** Stores facts as a webhook would, and applies them. Returns what was new. */
  async receive(sender: 'twilio' | 'viber' | 'oneway', ...facts: CarrierFact[]): Promise<ApplyCounts> {
    const ids = await this.record(sender, ...facts);
    return this.applier.apply(ids);
  }

  async record(sender: 'twilio' | 'viber' | 'oneway', ...facts: CarrierFact[]): Promise<string[]> {
    const source = { sender, addressing: sender === 'viber' ? ('subscriber' as const) : ('phone' as const) };
    const stored = await recordFacts(this.db, this.builders.vault, source, facts, this.clock.now());
    return [...stored.values()];
  }

  /** The person writes; returns what it was taken for. A second passes before. */
  async says(address: string, words: string, over: Partial<Extract<CarrierFact, { kind: 'text' }>> = {}): Promise<string> {
    this.clock.advance(1000);
    const key = `in${++this.made}`;
    const fact = { kind: 'text', dedupeKey: key, externalId: key, address, text: words, detail: {}, ...over } as const;
    await this.receive(address.startsWith('+') ? 'twilio' : 'viber', fact);
    const { meaning } = await this.row<{ meaning: string }>('select meaning from carrier_fact where dedupe_key = $1', fact.dedupeKey);
    return meaning;
  } // prettier-ignore

  receipt(over: Partial<Extract<CarrierFact, { kind: 'receipt' }>>): CarrierFact {
    const dedupeKey = `r${++this.made}`;
    return { kind: 'receipt', dedupeKey, externalId: 'none', status: 'delivered', detail: {}, ...over };
  }

  /** What the outbox holds for an invitation beside the invite, as `kind:what` in order; sends it all. */
  async sendAll(invitationId: string): Promise<string[]> {
    const { rows } = await this.db.query<{ said: string }>(
      `with sent as (
         update message set state = 'accepted', accepted_at = $2
         where invitation_id = $1 and state = 'queued' and kind not in ('invite', 'reminder') returning *)
       select kind || coalesce(':' || coalesce(content ->> 'question', content ->> 'notice'), '') as said
       from sent order by id`,
      [invitationId, this.clock.now()],
    );
    return rows.map(({ said }) => said);
  }

  async answers(invitationId: string): Promise<Record<string, unknown>> {
    const { rows } = await this.db.query<{ key: string; value: unknown; cipher: Buffer | null; late: boolean }>(
      'select question_key as key, value, text_cipher as cipher, late from answer where invitation_id = $1 order by 1',
      [invitationId],
    );
    return Object.fromEntries(rows.map(({ key, value, cipher }) => [key, cipher ? this.builders.vault.open(cipher) : value]));
  } // prettier-ignore

  invitation(id: string): Promise<Record<string, unknown>> {
    return this.row('select * from invitation where id = $1', id);
  }

  async row<R extends object>(text: string, ...values: unknown[]): Promise<R> {
    const { rows } = await this.db.query<R>(text, values);
    return rows[0] as R;
  }

  private async campaign(thanks: boolean): Promise<Campaign> {
    const key = thanks ? 'thankful' : 'silent';
    const known = this.campaigns.get(key) ?? (await this.builders.campaign(key, QUESTIONS));
    if (!this.campaigns.has(key)) await this.translate(known.surveyId);
    if (thanks && !this.campaigns.has(key)) {
      await this.db.query(
        `update definition set content = jsonb_set(jsonb_set(content, '{messages,thanks}', '"thanks"'),
           '{refs,messages,thanks}', to_jsonb($2::text)) where id = $1`,
        [known.campaignId, known.messageId],
      );
    }
    this.campaigns.set(key, known);
    return known;
  }

  private async translate(surveyId: string): Promise<void> {
    await this.db.query(`update definition set content = jsonb_set(content, '{title}', $2) where id = $1`, [
      surveyId,
      JSON.stringify({ uk: 'Ваш візит', en: 'Your visit' }),
    ]);
  }
}
