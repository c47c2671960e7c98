import { Vault } from '#contacts/vault';
import type { Database } from '#store/database';
import { campaignSchema, messagesOf } from '../campaign.js';
import type { Outcome } from '../campaign.js';

export const SECRET = Buffer.alloc(32, 7).toString('base64');

interface VisitGiven {
  visitKey?: string;
  centre?: string;
  /** Number of a test person; absent: no phone. */
  person?: number;
  phoneStatus?: 'missing' | 'bad' | 'not_mobile';
  country?: string;
  outcome?: Outcome;
  consent?: 'granted' | 'refused' | 'unknown';
  language?: string;
  serviceName?: string;
  finishedAt: Date;
  reachedAt?: Date;
}

export interface DecisionRow {
  decision: string;
  reason: string | null;
  channel: string | null;
  planned_at: Date | null;
  visit_revision: number;
}

/** Rows that planning finds: what intake, the worker's start and a pack would have written. */
export class PlanningWorld {
  readonly vault = new Vault(SECRET);
  private keys = 0;

  constructor(readonly db: Database) {}

  readonly hash = (text: string): Buffer => this.vault.hash(text);

  async clear(): Promise<void> {
    await this.db.query(
      'truncate definition, sender, centre, contact, suppression, viber_subscriber, visit restart identity cascade',
    );
  }

  async sender(
    key: string,
    channel: 'sms' | 'viber',
    addressing: 'phone' | 'subscriber' = 'phone',
  ): Promise<void> {
    await this.db.query(
      `insert into sender (key, kind, channel, addressing, two_way, enabled, priority, updated_at)
       values ($1, 'test', $2, $3, true, true, 1, '2020-01-01')`,
      [key, channel, addressing],
    );
  }

  /** Publishes a campaign with its survey and texts; returns the campaign's definition id. */
  async campaign(given: Record<string, unknown> = {}, revision = 1): Promise<string> {
    const campaign = campaignSchema.parse({
      key: 'after',
      name: { uk: 'Після візиту' },
      sender: { uk: 'Відгуки', en: 'Feedback' },
      legalBasis: 'public_task',
      channels: ['sms'],
      survey: 'short',
      messages: { invite: 'hello' },
      ...given,
    });
    const texts = {
      uk: { sms: '{{centre}} {{link}}', viber: 'Так {{link}} так' },
      en: { sms: '{{link}}', viber: 'Yes {{link}} yes' },
    };
    const question = { key: 'quality', type: 'scale', min: 1, max: 5, text: { uk: 'Оцінка', en: 'Rating' } };
    const survey = { key: campaign.survey, title: { uk: 'Візит', en: 'Visit' }, questions: [question] };
    const messages: Record<string, string> = {};
    for (const { key } of messagesOf(campaign))
      messages[key] = await this.define('message', key, { texts }, revision);
    const refs = { survey: await this.define('survey', campaign.survey, survey, revision), messages };
    return this.define('campaign', campaign.key, { ...campaign, refs }, revision);
  }

  private async define(kind: string, key: string, content: object, revision: number): Promise<string> {
    const { rows } = await this.db.query<{ id: string }>(
      `insert into definition (kind, key, revision, content, content_hash, pack, created_at, published_at)
       values ($1, $2, $3, $4, 'x', 'test', '2020-01-01', '2020-01-01')
       on conflict (kind, key, revision) do update set pack = excluded.pack returning id`,
      [kind, key, revision, JSON.stringify(content)],
    );
    return rows[0]?.id ?? '';
  }

  async person(number: number, country = 'UA'): Promise<string> {
    const phone = `+38050${String(number).padStart(7, '0')}`;
    const { cipher, keyId } = this.vault.seal(phone);
    const { rows } = await this.db.query<{ id: string }>(
      `insert into contact (phone_hash, phone_cipher, key_id, country, created_at) values ($1, $2, $3, $4, '2020-01-01')
       on conflict (phone_hash) do update set country = excluded.country returning id`,
      [this.vault.phoneHash(phone), cipher, keyId, country],
    );
    return rows[0]?.id ?? '';
  }

  async centre(code: string, timezone = 'Europe/Kyiv'): Promise<string> {
    const { rows } = await this.db.query<{ id: string }>(
      `insert into centre (code, name, timezone, created_at) values ($1, 'ЦНАП ' || $1, $2, '2020-01-01')
       on conflict (code) do update set timezone = centre.timezone returning id`,
      [code, timezone],
    );
    return rows[0]?.id ?? '';
  }

  async visit(given: VisitGiven): Promise<string> {
    const contact = given.person === undefined ? null : await this.person(given.person, given.country);
    const { rows } = await this.db.query<{ id: string }>(
      `insert into visit (source, visit_key, centre_id, outcome, finished_at, finished_on, contact_id, phone_status,
         consent, language, service_name, planning_due_at, created_at)
       values ('test', $1, $2, $3, $4::timestamptz, $4::date, $5, $6, $7, $8, $9, $10, $4) returning id`,
      [
        given.visitKey ?? `visit-${++this.keys}`,
        await this.centre(given.centre ?? 'A'),
        given.outcome ?? 'served',
        given.finishedAt,
        contact,
        contact === null ? (given.phoneStatus ?? 'missing') : 'ok',
        given.consent ?? 'unknown',
        given.language ?? null,
        given.serviceName ?? null,
        given.reachedAt ?? given.finishedAt,
      ],
    );
    return rows[0]?.id ?? '';
  }

  /** A further leg or correction: changes the visit and puts it before the planner again. */
  async change(
    visitId: string,
    set: { finishedAt?: Date; reachedAt: Date; person?: number | null },
  ): Promise<void> {
    const contact = set.person === null || set.person === undefined ? null : await this.person(set.person);
    await this.db.query(
      `update visit set revision = revision + 1, finished_at = coalesce($2, finished_at), planning_due_at = $3,
         contact_id = case when $4 then $5::bigint else contact_id end,
         phone_status = case when $4 then case when $5::bigint is null then 'missing' else 'ok' end else phone_status end
       where id = $1`,
      [visitId, set.finishedAt ?? null, set.reachedAt, set.person !== undefined, contact],
    );
  }

  decisionOf(visitId: string): Promise<DecisionRow> {
    return this.one(
      'select decision, reason, channel, planned_at, visit_revision from decision where visit_id = $1',
      visitId,
    );
  }

  invitationOf(visitId: string): Promise<Record<string, unknown>> {
    return this.one('select * from invitation where visit_id = $1', visitId);
  }

  /** Oldest first. */
  async messagesOf(visitId: string): Promise<Record<string, unknown>[]> {
    const { rows } = await this.db.query(
      'select m.* from message m join invitation i on i.id = m.invitation_id where i.visit_id = $1 order by m.id',
      [visitId],
    );
    return rows;
  }

  async one<R extends object>(sql: string, ...values: unknown[]): Promise<R> {
    const { rows } = await this.db.query<R & Record<string, unknown>>(sql, values);
    if (rows.length !== 1) throw new Error(`${rows.length} rows: ${sql}`);
    return rows[0] as R;
  }
}
