import type { Database } from '#store/database';

/** What the made-up years hold. */
export interface MadeUp {
  readonly invitations: number;
  readonly years: number;
  readonly centres: number;
}

/** The first day; all years have 365. */
export const FIRST_DAY = '2025-01-01';

const statements = (visits: number, { years, centres }: MadeUp): string[] => [
  `insert into centre (code, name, timezone, created_at) select 'c' || n, 'c' || n, 'Europe/Kyiv', '2025-01-01' from generate_series(1, ${centres}) n`,
  `insert into definition (kind, key, revision, content, content_hash, pack, created_at, published_at)
   select 'survey', 'survey-' || n, 1, jsonb_build_object('key', 'survey-' || n, 'title', '{"uk": "s"}'::jsonb, 'questions',
     '[{"key": "quality", "type": "scale", "min": 1, "max": 5, "text": {"uk": "q"}}, {"key": "recommend", "type": "nps", "text": {"uk": "q"}}]'::jsonb),
     n, 'bench', '2025-01-01', '2025-01-01' from generate_series(1, 2) n`,
  `insert into definition (kind, key, revision, content, content_hash, pack, created_at, published_at)
   select 'campaign', 'campaign-' || n, 1, '{}', n, 'bench', '2025-01-01', '2025-01-01' from generate_series(1, 2) n`,
  `insert into sender (key, kind, channel, addressing, two_way, enabled, priority, updated_at)
   values ('sms', 'twilio', 'sms', 'phone', true, true, 1, '2025-01-01'), ('viber', 'viber', 'viber', 'phone', true, true, 1, '2025-01-01')`,
  // Two thirds of the visits are invited: one visit in three is not.
  `insert into visit (source, visit_key, centre_id, service_code, outcome, finished_at, finished_on, phone_status, consent, language, created_at)
   select 'bench', lpad(n::text, 9, '0'), 1 + (hashint4(n) & 1073741823) % ${centres}, 's' || ((hashint4(n) & 1073741823) / 128) % 20, 'served', at, at::date, 'missing', 'granted', 'uk', at
   from generate_series(1, ${visits}) n, lateral (select '${FIRST_DAY} 07:00Z'::timestamptz + floor((n - 1)::float8 / ${visits} * ${365 * years})::int * interval '1 day') d (at)`,
  `insert into decision (visit_id, decision, reason, campaign_id, channel, planned_at, visit_revision, decided_at)
   select id, case when id % 3 < 2 then 'invited' else 'not_invited' end,
     case when id % 3 = 2 then (array['no_phone', 'opted_out', 'frequency_cap', 'not_sampled'])[1 + id % 4] end,
     3 + id % 2, case when id % 3 < 2 then (array['sms', 'viber'])[1 + id % 2] end, finished_at, 1, finished_at from visit`,
  // Hashes stand in for chance: four in five delivered, one in six answers, one in thirty refuses.
  `insert into invitation (visit_id, campaign_id, survey_id, variant, code, locale, legal_basis, channels, planned_at, deadline_at, expires_at, created_at,
     sent_at, sent_channel, delivered_at, undelivered_at, seen_at, opened_at, started_at, completed_at, refused_at)
   select v.id, 3 + v.id % 2, 1 + v.id % 2, 'w' || (h >> 3) % 2, lpad(v.id::text, 9, '0'), (array['uk', 'uk', 'uk', 'en'])[1 + h % 4], 'public_task', '{viber,sms}',
     v.finished_at + '45 min', v.finished_at + '2 day', v.finished_at + '7 day', v.finished_at,
     v.finished_at + '46 min', (array['sms', 'viber'])[1 + (h >> 2) % 2],
     case when (h >> 4) % 10 < 8 then v.finished_at + '47 min' end, case when (h >> 4) % 10 >= 9 then v.finished_at + '47 min' end,
     case when (h >> 4) % 10 < 3 then v.finished_at + '50 min' end, case when (h >> 4) % 10 < 2 then v.finished_at + '1 h' end,
     case when (h >> 4) % 60 < 10 then v.finished_at + '1 h' end, case when (h >> 4) % 60 < 9 then v.finished_at + '1 h' end,
     case when (h >> 4) % 30 = 11 then v.finished_at + '1 h' end
   from visit v, lateral (select hashint8(v.id) & 1073741823) d (h) where v.id % 3 < 2`,
  `insert into message (invitation_id, kind, channel, sender, locale, content, state, priority, due_at, not_after, created_at, accepted_at, settled_at, parts)
   select i.id, 'invite', i.sent_channel, i.sent_channel, i.locale, '{}', 'delivered', 5, i.planned_at, i.deadline_at, i.created_at, i.sent_at, i.sent_at,
     case when i.sent_channel = 'sms' then 2 end from invitation i`,
  `insert into answer (invitation_id, question_key, survey_id, value, via, late, answered_at)
   select i.id, q.key, i.survey_id, to_jsonb(q.mark), 'page', false, i.started_at from invitation i,
     lateral (values ('quality', 1 + (hashint8(i.id) & 1073741823) % 5), ('recommend', (hashint8(i.id) & 1073741823) % 11)) q (key, mark)
   where i.started_at is not null`,
];

// Filling is not what is measured: rows go in without indexes and triggers, which come back before anything is. The tables are
// new to the transaction, so that a server with `wal_level` minimal writes them once.
const BULK = ['visit', 'decision', 'invitation', 'message', 'answer'];

/** Fills an empty database with so many invited visits, and half as many that were not. */
export async function fillYears(db: Database, madeUp: MadeUp): Promise<void> {
  const { rows: indexes } = await db.query<{ name: string; definition: string }>(
    `select indexname as name, indexdef as definition from pg_indexes
     where schemaname = 'public' and tablename = any($1) and not exists (select from pg_constraint where conname = indexname)`,
    [BULK],
  );
  await db.transaction(async (tx) => {
    await tx.query(`set local session_replication_role = replica`);
    await tx.query(`truncate ${BULK.join(', ')} restart identity cascade`);
    for (const { name } of indexes) await tx.query(`drop index ${name}`);
    for (const statement of statements(Math.round(madeUp.invitations * 1.5), madeUp))
      await tx.query(statement);
    await tx.query(`set local maintenance_work_mem = '512MB'`);
    for (const { definition } of indexes) await tx.query(definition);
  });
  await db.query('vacuum (analyze)');
}
