import { Vault } from '#contacts/vault';
import { surveyCode } from '#kernel/ids';
import type { Queryable } from '#store/database';
import { TEST_SECRET } from './builders.js';

/** A Monday noon in Kyiv. */
export const NOON = new Date('2026-03-02T10:00:00Z');
export const HOUR = 3_600_000;
export const at = (hours: number): Date => new Date(NOON.getTime() + hours * HOUR);

export interface QueueSpec {
  readonly kind?: string;
  readonly channel?: 'sms' | 'viber';
  readonly sender?: string;
  readonly channels?: readonly string[];
  readonly priority?: number;
  readonly dueAt?: Date;
  readonly closesAt?: Date | null;
  readonly notAfter?: Date;
  readonly expiresAt?: Date;
  readonly content?: object;
  readonly locale?: string;
  /** Number of the first; the others follow it. */
  readonly firstPhone?: number;
}

export interface Queued {
  readonly messageId: string;
  readonly invitationId: string;
  readonly contactId: string;
  readonly code: string;
  readonly phone: string;
}

const FIELDS = {
  centre: 'ЦНАП',
  service: 'Довідка',
  date: '2 березня',
  deadline: '9 березня',
  sender: 'Рада',
};

/**
 * An outbox with two senders (`sms-a`, `viber-a`), one centre in Kyiv and one campaign, to be filled with messages.
 * Opening it empties the database first, so the tests of a file can share one.
 */
export class OutboxBuilder {
  readonly vault = new Vault(TEST_SECRET);
  campaignId = '';
  surveyId = '';
  inviteId = '';
  reminderId = '';
  private centreId = '';
  private nextPhone = 1;

  private constructor(private readonly db: Queryable) {}

  static async open(db: Queryable, campaign: object = {}): Promise<OutboxBuilder> {
    const builder = new OutboxBuilder(db);
    await db.query(
      'truncate attempt, claim, contact, centre, definition, sender, suppression, viber_subscriber, carrier_fact cascade',
    );
    await db.query(
      `insert into sender (key, kind, channel, addressing, two_way, enabled, priority, updated_at)
       values ('sms-a', 'scripted', 'sms', 'phone', true, true, 1, $1),
         ('viber-a', 'scripted', 'viber', 'phone', true, true, 2, $1)`,
      [NOON],
    );
    builder.centreId = await builder.one(
      `insert into centre (code, name, timezone, created_at) values ('kyiv-1', 'ЦНАП', 'Europe/Kyiv', $1) returning id`,
      [NOON],
    );
    builder.inviteId = await builder.define('message', 'invite', {
      texts: { uk: { sms: '{{date}}, {{centre}}: {{link}}', viber: 'Viber {{centre}}: {{link}} дякуємо' } },
    });
    builder.reminderId = await builder.define('message', 'reminder', {
      texts: { uk: { sms: 'Чекаємо: {{link}}' } },
    });
    builder.surveyId = await builder.define('survey', 'short', {
      key: 'short',
      title: { uk: 'Опитування' },
      questions: [{ key: 'quality', type: 'scale', min: 1, max: 5, text: { uk: 'Як Вас обслужили?' } }],
    });
    builder.campaignId = await builder.campaign(campaign);
    return builder;
  }

  /** Another campaign; `over` replaces parts of its content. */
  async campaign(over: object = {}, key = 'after-visit'): Promise<string> {
    return this.define('campaign', key, {
      key,
      window: { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat'], from: '09:00', to: '20:00', closed: [] },
      channels: ['viber', 'sms'],
      fallbackAfter: 'PT2H',
      messages: { invite: 'invite', reminder: 'reminder' },
      refs: { survey: this.surveyId, messages: { invite: this.inviteId, reminder: this.reminderId } },
      ...over,
    });
  }

  async define(kind: string, key: string, content: object): Promise<string> {
    return this.one(
      `insert into definition (kind, key, revision, content, content_hash, pack, created_at, published_at)
       values ($1, $2, 1 + (select count(*) from definition where kind = $1 and key = $2), $3, '', 'test', $4, $4) returning id`,
      [kind, key, JSON.stringify(content), NOON],
    );
  }

  /** `count` people with a visit, an invitation and one queued message each. */
  async queue(count: number, spec: QueueSpec = {}, campaignId = this.campaignId): Promise<Queued[]> {
    const phones = Array.from({ length: count }, () => `+38050${String(this.nextPhone++).padStart(7, '0')}`);
    const codes = phones.map(() => surveyCode());
    const { rows } = await this.db.query<Omit<Queued, 'code' | 'phone'>>(FILL, [
      phones.map((phone) => this.vault.phoneHash(phone)),
      phones.map((phone) => this.vault.seal(phone).cipher),
      codes,
      this.centreId,
      campaignId,
      this.surveyId,
      spec.channels ?? ['sms'],
      at(-1),
      spec.expiresAt ?? at(24 * 7),
      spec.kind ?? 'invite',
      spec.channel ?? 'sms',
      spec.sender ?? `${spec.channel ?? 'sms'}-a`,
      spec.kind === 'reminder' ? this.reminderId : this.inviteId,
      spec.locale ?? 'uk',
      JSON.stringify(spec.content ?? { fields: FIELDS }),
      spec.priority ?? 5,
      spec.dueAt ?? NOON,
      spec.closesAt === undefined ? at(8) : spec.closesAt,
      spec.notAfter ?? at(47),
    ]);
    return rows.map((row, place) => ({ ...row, code: codes[place] ?? '', phone: phones[place] ?? '' }));
  }

  /** One column of one row, by id. */
  async value(table: 'message' | 'invitation', id: string, column: string): Promise<unknown> {
    const { rows } = await this.db.query<{ value: unknown }>(
      `select ${column} as value from ${table} where id = $1`,
      [id],
    );
    return rows[0]?.value;
  }

  /** How many messages are in each state. */
  async states(): Promise<Record<string, number>> {
    const { rows } = await this.db.query<{ state: string; n: number }>(
      'select state, count(*)::int as n from message group by state',
    );
    return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
  }

  private async one(text: string, values: readonly unknown[]): Promise<string> {
    const { rows } = await this.db.query<{ id: string }>(text, values);
    return rows[0]?.id ?? '';
  }
}

const FILL = `
  with given as (
    select * from unnest($1::bytea[], $2::bytea[], $3::text[]) with ordinality as g (hash, cipher, code, place)
  ), people as (
    insert into contact (phone_hash, phone_cipher, key_id, country, created_at)
    select hash, cipher, 'test', 'UA', $8 from given order by place returning id, phone_hash
  ), visits as (
    insert into visit (source, visit_key, centre_id, outcome, finished_at, finished_on, contact_id, phone_status, consent, created_at)
    select 'test', 'v' || p.id, $4, 'served', $8, ($8::timestamptz)::date, p.id, 'ok', 'granted', $8 from people p
    returning id, contact_id
  ), invited as (
    insert into invitation (visit_id, contact_id, campaign_id, survey_id, variant, code, locale, legal_basis, channels,
      planned_at, deadline_at, expires_at, created_at)
    select v.id, v.contact_id, $5, $6, 'invite', g.code, $14, 'public_task', $7, $17, $19, $9, $8
    from given g join people p on p.phone_hash = g.hash join visits v on v.contact_id = p.id
    returning id, contact_id, code
  ), queued as (
    insert into message (invitation_id, contact_id, kind, channel, sender, template_id, locale, content, priority,
      due_at, closes_at, not_after, campaign_id, created_at)
    select i.id, i.contact_id, $10, $11, $12, $13::bigint, $14, $15::jsonb, $16::smallint, $17::timestamptz,
      $18::timestamptz, $19::timestamptz, case when $10 in ('invite', 'reminder') then $5::bigint else 0 end, $8
    from invited i join given g on g.code = i.code order by g.place
    returning id, invitation_id, contact_id
  )
  select q.id as "messageId", q.invitation_id as "invitationId", q.contact_id as "contactId"
  from queued q join invited i on i.id = q.invitation_id join given g on g.code = i.code order by g.place`;
