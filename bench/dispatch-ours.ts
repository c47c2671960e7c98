import { TwilioSms } from '#channels/twilio-sms/twilio-sms';
import { Vault } from '#contacts/vault';
import { Composer } from '#dispatch/composer';
import { Definitions } from '#dispatch/definitions';
import { Dispatcher } from '#dispatch/dispatcher';
import { systemClock } from '#kernel/clock';
import type { Database } from '#store/database';

const SECRET = Buffer.alloc(32, 7).toString('base64');
const HOUR = 3_600_000;
const FIELDS = {
  centre: 'ЦНАП',
  service: 'Довідка',
  date: '2 березня',
  deadline: '9 березня',
  sender: 'Рада',
};

/** An outbox with one sender and one campaign, and nothing to do. */
export async function clearOutbox(database: Database): Promise<void> {
  const now = systemClock.now();
  await database.query('truncate attempt, claim, contact, centre, definition, sender, suppression cascade');
  await database.query(
    `insert into sender (key, kind, channel, addressing, two_way, enabled, priority, updated_at)
     values ('twilio', 'twilio', 'sms', 'phone', true, true, 10, $1)`,
    [now],
  );
  await database.query(`insert into centre (code, name, timezone, created_at) values ('c', 'c', 'Europe/Kyiv', $1)`, [now]); // prettier-ignore
  const define = async (kind: string, content: object): Promise<string> => {
    const { rows } = await database.query<{ id: string }>(
      `insert into definition (kind, key, revision, content, content_hash, pack, created_at, published_at)
       values ($1, $1, 1, $2, '', 'bench', $3, $3) returning id`,
      [kind, JSON.stringify(content), now],
    );
    return rows[0]?.id ?? '';
  };
  const invite = await define('message', { texts: { uk: { sms: '{{date}}, {{centre}}: {{link}}' } } });
  await define('survey', { questions: [] });
  const refs = { messages: { invite } };
  const reminder = { after: 'P2D', max: 1 };
  await define('campaign', { messages: { invite: 'invite', reminder: 'invite' }, reminder, refs });
  await database.query(
    `insert into suppression (address_hash, reason, via, created_at)
     select sha256(n::text::bytea), 'stop', 'sms', $1 from generate_series(1, 20000) n`,
    [now],
  );
}

/** `count` more invites that are due, each with contact, visit and invitation; `from`: how many were added before. */
export async function addInvites(database: Database, count: number, from = 0): Promise<void> {
  const vault = new Vault(SECRET);
  const now = systemClock.now();
  const later = new Date(now.getTime() + 8 * HOUR);
  const contacts = Array.from({ length: count }, (_, n) => `+38050${String(from + n).padStart(7, '0')}`);
  for (let done = 0; done < count; done += 5000) {
    const batch = contacts.slice(done, done + 5000);
    await database.query(FILL, [
      batch.map((phone) => vault.phoneHash(phone)),
      batch.map((phone) => vault.seal(phone).cipher),
      batch.map((_, n) => String(from + done + n).padStart(8, 'A')),
      now,
      later,
      JSON.stringify({ fields: FIELDS }),
    ]);
  }
}

/** `count` invites that are due, and nothing else. */
export async function fillOutbox(database: Database, count: number): Promise<void> {
  await clearOutbox(database);
  await addInvites(database, count);
  await tidy(database);
}

/** Fresh statistics and no dead rows, as autovacuum would leave it. */
export async function tidy(database: Database): Promise<void> {
  for (const table of ['contact', 'visit', 'invitation', 'message', 'attempt', 'claim', 'suppression']) {
    await database.query(`vacuum analyze ${table}`);
  }
}

/** `count` messages of the past, written past the foreign keys, which would only slow it down. */
export async function addSettled(database: Database, count: number): Promise<void> {
  const STEP = 500_000;
  for (let from = 1; from <= count; from += STEP) {
    await database.transaction(async (tx) => {
      await tx.query(`set local session_replication_role = replica`);
      await tx.query(SETTLED, [from, Math.min(count, from + STEP - 1), systemClock.now()]);
    });
  }
}

const FILL = `
  with given as (
    select * from unnest($1::bytea[], $2::bytea[], $3::text[]) as g (hash, cipher, code)
  ), people as (
    insert into contact (phone_hash, phone_cipher, key_id, country, created_at)
    select hash, cipher, 'bench', 'UA', $4 from given returning id, phone_hash
  ), visits as (
    insert into visit (source, visit_key, centre_id, outcome, finished_at, finished_on, contact_id, phone_status, consent, created_at)
    select 'bench', p.id, (select id from centre), 'served', $4, ($4::timestamptz)::date, p.id, 'ok', 'granted', $4 from people p
    returning id, contact_id
  ), invited as (
    insert into invitation (visit_id, contact_id, campaign_id, survey_id, variant, code, locale, legal_basis, channels,
      planned_at, deadline_at, expires_at, created_at)
    select v.id, v.contact_id, (select id from definition where kind = 'campaign'), (select id from definition where kind = 'survey'),
      'invite', g.code, 'uk', 'public_task', '{sms}', $4, $5, $5, $4
    from given g join people p on p.phone_hash = g.hash join visits v on v.contact_id = p.id
    returning id, contact_id, campaign_id
  )
  insert into message (invitation_id, contact_id, kind, channel, sender, template_id, locale, content, priority,
    due_at, closes_at, not_after, campaign_id, created_at)
  select i.id, i.contact_id, 'invite', 'sms', 'twilio', (select id from definition where kind = 'message'), 'uk', $6::jsonb, 5,
    $4, $5, $5, i.campaign_id, $4
  from invited i`;

const SETTLED = `
  insert into message (contact_id, kind, channel, sender, locale, content, state, priority, due_at, not_after, attempt,
    claimed_by, claimed_at, external_id, parts, created_at, accepted_at, settled_at)
  select 1, 'question', 'sms', 'twilio', 'uk', '{"question": "quality"}', 'delivered', 5, $3, $3, 1,
    'past', $3, 'MM' || lpad(n::text, 32, '0'), 2, $3, $3, $3
  from generate_series($1::int, $2::int) n`;

/** Everything that is due, by one worker process with all that it does. Returns how many messages that were. */
export async function runOurs(database: Database, url: string, inFlight: number): Promise<number> {
  const config = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'x', from: '+380500000000', baseUrl: url };
  const channel = new TwilioSms(config, { concurrency: inFlight });
  const definitions = new Definitions(database);
  const composer = new Composer(definitions, new Vault(SECRET), systemClock, 'https://opyt.example');
  const dispatcher = new Dispatcher(new Map([['twilio', channel]]), {
    database,
    clock: systemClock,
    definitions,
    composer,
    worker: 'bench',
    concurrency: inFlight,
  });
  const counts = await dispatcher.runOnce();
  if (counts.accepted !== counts.claimed) throw new Error(`not all were accepted: ${JSON.stringify(counts)}`);
  await channel.close();
  return counts.claimed;
}
