import { randomBytes } from 'node:crypto';
import { Vault } from '#contacts/vault';
import { surveyCode } from '#kernel/ids';
import { civilDate } from '#kernel/zone';
import type { Queryable } from '#store/database';

export const TEST_SECRET = Buffer.alloc(32, 7).toString('base64');

/** Facts of an invitation a builder can set; each becomes a time after the visit. */
export type FactColumn =
  | 'cancelled'
  | 'sent'
  | 'delivered'
  | 'undelivered'
  | 'seen'
  | 'opened'
  | 'started'
  | 'completed'
  | 'refused'
  | 'wrong_number'
  | 'ineligible';

export interface PathSpec {
  readonly centre?: string;
  readonly service?: string | null;
  readonly finishedAt?: Date;
  readonly phone?: string | null;
  readonly language?: string | null;
  /** A reason means not_invited; null leaves the visit undecided. */
  readonly decision?: 'invited' | 'control' | { reason: string } | null;
  readonly campaign?: Campaign;
  readonly channel?: 'sms' | 'viber';
  readonly variant?: string;
  readonly facts?: Partial<Record<FactColumn, Date | true>>;
  readonly answers?: Readonly<Record<string, unknown>>;
  readonly late?: boolean;
}

export interface Campaign {
  readonly key: string;
  readonly campaignId: string;
  readonly surveyId: string;
  readonly messageId: string;
}

export interface BuiltPath {
  readonly visitId: string;
  readonly contactId: string | null;
  readonly invitationId: string | null;
}

const HOUR = 3_600_000;

/** Writes rows of the path of a visit directly, for tests that start in the middle of it. */
export class Builders {
  readonly vault = new Vault(TEST_SECRET);
  private readonly centres = new Map<string, { id: string; timezone: string }>();
  private made = 0;
  private defaultCampaign: Campaign | undefined;

  constructor(
    private readonly db: Queryable,
    private readonly now = new Date('2026-03-02T12:00:00Z'),
  ) {}

  async centre(code: string, timezone = 'Europe/Kyiv', name = `Центр ${code}`): Promise<string> {
    const known = this.centres.get(code);
    if (known) return known.id;
    const id = await this.insert('centre', { code, name, timezone, confirmed: true, created_at: this.now });
    this.centres.set(code, { id, timezone });
    return id;
  }

  async contact(e164: string): Promise<string> {
    const { cipher, keyId } = this.vault.seal(e164);
    return this.insert(
      'contact',
      { phone_hash: this.vault.phoneHash(e164), phone_cipher: cipher, key_id: keyId, country: 'UA', created_at: this.now },
      'on conflict (phone_hash) do update set country = excluded.country',
    ); // prettier-ignore
  }

  /** A published campaign with its survey and invite text. `questions` as in a survey file. */
  async campaign(
    key: string,
    questions: readonly object[] = [
      { key: 'quality', type: 'scale', min: 1, max: 5, text: { uk: 'Як Вас обслужили?' } },
      { key: 'comment', type: 'text', text: { uk: 'Що покращити?' }, optional: true },
    ],
  ): Promise<Campaign> {
    const messages = { invite: `${key}-invite` };
    const messageId = await this.definition('message', messages.invite, {
      texts: { uk: { sms: '{{link}}' } },
    });
    const surveyId = await this.definition('survey', `${key}-survey`, {
      key: `${key}-survey`,
      title: { uk: key },
      questions,
    });
    const refs = { survey: surveyId, messages: { [messages.invite]: messageId } };
    const content = { key, name: { uk: key }, survey: `${key}-survey`, messages, refs };
    return { key, surveyId, messageId, campaignId: await this.definition('campaign', key, content) };
  }

  async definition(kind: 'campaign' | 'survey' | 'message', key: string, content: object): Promise<string> {
    return this.insert('definition', {
      kind, key, content: JSON.stringify(content), content_hash: key, pack: 'test', revision: 1,
      created_at: this.now, published_at: this.now,
    }); // prettier-ignore
  }

  async sender(key: string, channel: 'sms' | 'viber'): Promise<void> {
    await this.db.query(
      `insert into sender (key, kind, channel, addressing, two_way, enabled, priority, updated_at)
       values ($1, $1, $2, 'phone', true, true, 1, $3) on conflict do nothing`,
      [key, channel, this.now],
    );
  }

  /** A visit with its decision and, when invited, its invitation, facts and answers. */
  async path(spec: PathSpec = {}): Promise<BuiltPath> {
    const finishedAt = spec.finishedAt ?? new Date(this.now.getTime() - 2 * HOUR);
    const contactId = spec.phone === null ? null : await this.contact(spec.phone ?? this.nextPhone());
    const visitId = await this.visit(spec, finishedAt, contactId);
    const decision = spec.decision === undefined ? 'invited' : spec.decision;
    if (decision === null) return { visitId, contactId, invitationId: null };
    const campaign = spec.campaign ?? (this.defaultCampaign ??= await this.campaign('after-visit'));
    const invited = decision === 'invited';
    await this.db.query(
      `insert into decision (visit_id, decision, reason, campaign_id, channel, planned_at, visit_revision, decided_at)
       values ($1, $2, $3, $4, $5, $6, 1, $7)`,
      [visitId, typeof decision === 'string' ? decision : 'not_invited',
       typeof decision === 'string' ? null : decision.reason, campaign.campaignId,
       invited ? (spec.channel ?? 'sms') : null, invited ? finishedAt : null, this.now],
    ); // prettier-ignore
    const invitationId = invited
      ? await this.invitation(spec, campaign, visitId, contactId, finishedAt)
      : null;
    return { visitId, contactId, invitationId };
  }

  async message(invitationId: string, over: Readonly<Record<string, unknown>> = {}): Promise<string> {
    await this.sender('twilio', 'sms');
    const { rows } = await this.db.query<{ contact_id: string; locale: string; planned_at: Date }>(
      'select contact_id, locale, planned_at from invitation where id = $1',
      [invitationId],
    );
    const { contact_id, locale, planned_at = this.now } = rows[0] ?? {};
    return this.insert('message', {
      invitation_id: invitationId, contact_id, kind: 'invite', channel: 'sms', sender: 'twilio', locale,
      content: '{}', priority: 5, due_at: planned_at, not_after: new Date(planned_at.getTime() + 48 * HOUR),
      created_at: planned_at, ...over,
    }); // prettier-ignore
  }

  async answer(
    invitationId: string,
    surveyId: string,
    key: string,
    value: unknown,
    late = false,
  ): Promise<void> {
    const sealed = typeof value === 'string' ? this.vault.seal(value) : undefined;
    await this.db.query(
      `insert into answer (invitation_id, question_key, survey_id, value, text_cipher, key_id, via, late, answered_at)
       values ($1, $2, $3, $4, $5, $6, 'page', $7, $8)`,
      [invitationId, key, surveyId, sealed ? null : JSON.stringify(value), sealed?.cipher ?? null,
       sealed?.keyId ?? null, late, this.now],
    ); // prettier-ignore
  }

  private async visit(spec: PathSpec, finishedAt: Date, contactId: string | null): Promise<string> {
    const code = spec.centre ?? 'kyiv-1';
    const centreId = await this.centre(code);
    const timezone = this.centres.get(code)?.timezone ?? 'UTC';
    return this.insert('visit', {
      source: 'test', visit_key: `${code}|${++this.made}`, centre_id: centreId,
      service_code: spec.service === undefined ? 'passport' : spec.service, outcome: 'served',
      finished_at: finishedAt, finished_on: civilDate(finishedAt, timezone), contact_id: contactId,
      phone_status: contactId === null ? 'missing' : 'ok', consent: 'granted',
      language: spec.language === undefined ? 'uk' : spec.language, created_at: finishedAt,
    }); // prettier-ignore
  }

  private async invitation(
    spec: PathSpec,
    campaign: Campaign,
    visitId: string,
    contactId: string | null,
    finishedAt: Date,
  ): Promise<string> {
    const after = (hours: number): Date => new Date(finishedAt.getTime() + hours * HOUR);
    const facts: Record<string, Date> = {};
    for (const [place, [name, at]] of Object.entries(spec.facts ?? {}).entries()) {
      facts[`${name}_at`] = at === true ? after(1 + place / 60) : at;
    }
    const id = await this.insert('invitation', {
      visit_id: visitId, contact_id: contactId, campaign_id: campaign.campaignId, survey_id: campaign.surveyId,
      variant: spec.variant ?? `${campaign.key}-invite`, code: surveyCode(), locale: spec.language ?? 'uk',
      legal_basis: 'public_task', channels: [spec.channel ?? 'sms'], planned_at: after(0.75),
      deadline_at: after(48), expires_at: after(168), created_at: finishedAt,
      ...(spec.facts?.sent ? { sent_channel: spec.channel ?? 'sms' } : {}),
      ...(spec.facts?.cancelled ? { cancel_reason: 'expired' } : {}),
      ...facts,
    }); // prettier-ignore
    for (const [key, value] of Object.entries(spec.answers ?? {})) {
      await this.answer(id, campaign.surveyId, key, value, spec.late);
    }
    return id;
  }

  private nextPhone(): string {
    return `+38050${(randomBytes(4).readUInt32BE() % 10_000_000).toString().padStart(7, '0')}`;
  }

  private async insert(
    table: string,
    row: Readonly<Record<string, unknown>>,
    conflict = '',
  ): Promise<string> {
    const columns = Object.keys(row);
    const places = columns.map((_, place) => `$${place + 1}`);
    const { rows } = await this.db.query<{ id: string }>(
      `insert into ${table} (${columns.join(', ')}) values (${places.join(', ')}) ${conflict} returning id`,
      Object.values(row),
    );
    return rows[0]?.id ?? '';
  }
}
