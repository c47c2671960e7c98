import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Vault } from '#contacts/vault';
import { runVisitsImport } from '#intake/visits-import';
import { decideApproval } from '#planning/pack/approvals';
import { applyPack } from '#planning/pack/apply-pack';
import { arrived, carriersRecord, outcomesOf, type CarriersRecord } from '#testkit/carriers-record';
import { TEST_SECRET } from '#testkit/builders';
import { joinBot } from '#testkit/join-bot';
import { vidhuk } from '#testkit/running-system';
import { steppedSystem, type SteppedSystem } from '#testkit/stepped-system';
import type { FaultRequest } from '#sandbox/faults';
import { linksIn } from '#sandbox/phones/links';

/**
 * A thousand people are invited over Twilio, the Viber bot and TurboSMS while every kind of fault strikes one request in
 * twenty; then three records are compared that know nothing of each other: the outbox and the ledger, what the carriers
 * counted, and what the reports say. Each must be equal, not close.
 */
const INVITED = 1_000;
/** Of each reason for which somebody is not asked. */
const OF_EACH_REASON = 20;
const IN_THE_BOT = 150;
const RATE = 0.05;
const DAY = '2020-01-13';
const MINUTE = 60_000;
const DAYS_AT_MOST = 12;

const faults: FaultRequest[] = [
  { kind: 'latency', latencyMs: 100 },
  { kind: 'http_429', retryAfterSeconds: 30 },
  { kind: 'http_500' },
  { kind: 'http_500_after_accept' },
  { kind: 'garbage' },
  { kind: 'reset_before_accept' },
  { kind: 'reset_after_accept' },
  // What hangs is waited for in real time: it strikes while the invitations go out, and no more after that.
  { kind: 'timeout_before_accept', times: 30 },
  { kind: 'timeout_after_accept', times: 30 },
  { kind: 'undelivered' },
  { kind: 'callback_drop' },
  { kind: 'callback_double' },
  { kind: 'callback_reorder' },
  { kind: 'callback_delay', latencyMs: 120_000 },
];

const campaign = (key: string, service: string, channels: string): string => `
key: ${key}
name: { uk: ${key} }
when: { services: { include: [${service}] } }
legalBasis: public_task
validFor: P7D
channels: ${channels}
survey: short
messages: { invite: ask, thanks: thanks }
`;
const question = (key: string, rest: string): string =>
  `  - { key: ${key}, text: { uk: 'Питання ${key}?' }, ${rest} }\n`;
const pack: Record<string, string> = {
  'pack.yaml': "key: three\nname: { uk: Відгуки }\nversion: '1'\n",
  'campaigns/by-sms.yaml': campaign('by-sms', 'passport', '[sms]'),
  'campaigns/by-viber.yaml': campaign('by-viber', 'land', '[viber, sms]'),
  'surveys/short.yaml': `key: short\ntitle: { uk: Ваш візит }\nquestions:\n${[
    question('quality', 'type: scale, min: 1, max: 5'),
    question('settled', 'type: yesno'),
    question('recommend', 'type: nps'),
    question('comment', 'type: text, optional: true'),
  ].join('')}`,
  'messages/ask/uk.sms.hbs': '{{centre}}: оцініть візит {{link}}',
  'messages/ask/uk.viber.hbs': 'Дякуємо за візит! {{centre}}, {{date}}. Оцініть: {{link}} Гарного дня!',
  'messages/thanks/uk.sms.hbs': 'Дякуємо!',
  'messages/thanks/uk.viber.hbs': 'Дякуємо!',
};

const MAPPING = `
key: hall
format: csv
delimiter: ";"
timezone: Europe/Kyiv
defaultCountry: UA
dateFormat: "yyyy-MM-dd HH:mm"
columns: {recordId: id, centre: office, serviceCode: queue, finishedAt: closed, outcome: status, phone: phone, consent: consent}
values: {consent: {"1": granted, "0": refused}}
`;
const phoneOf = (n: number): string => `+38067${String(1_000_000 + n)}`;
/** Even numbers by SMS, odd ones by Viber, of which the first ones are in the bot. */
const isInBot = (n: number): boolean => n % 2 === 1 && n < 2 * IN_THE_BOT;
const others: readonly [reason: string, change: (fields: string[]) => void][] = [
  ['no_phone', (fields) => (fields[5] = '')],
  ['bad_phone', (fields) => (fields[5] = '067123')],
  ['not_mobile', (fields) => (fields[5] = '0442345678')],
  ['no_consent', (fields) => (fields[6] = '0')],
  ['outcome_excluded', (fields) => (fields[4] = 'no_show')],
];

function visitRows(): string[] {
  const rows = Array.from({ length: INVITED + others.length * OF_EACH_REASON }, (_, n) => {
    const minute = String(n % 60).padStart(2, '0');
    const service = n % 2 === 0 ? 'passport' : 'land';
    const fields = [`r${n}`, `hall-${n % 7}`, service, `${DAY} 08:${minute}`, 'served', phoneOf(n), '1'];
    if (n >= INVITED) others[n % others.length]?.[1](fields);
    return fields.join(';');
  });
  return ['id;office;queue;closed;status;phone;consent', ...rows];
}

let dir: string;
let system: SteppedSystem;
let record: CarriersRecord;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vidhuk-three-'));
  const start = new Date(`${DAY}T09:30:00+02:00`);
  system = await steppedSystem(start, { seed: 'three carriers' });
  await publish();
  await importVisits();
  await joinBot(
    system,
    new Vault(TEST_SECRET),
    Array.from({ length: INVITED }, (_, n) => n)
      .filter(isInBot)
      .map(phoneOf),
  );
  // What people did in the chat an hour before a message explains receipts that would else end a doubt about it.
  system.clock.advance(90 * MINUTE);
  await system.ask('/api/visitors', {
    on: true,
    responseShare: 0.25,
    breakOffShare: 0.2,
    stopShare: 0.03,
    wrongNumberShare: 0.02,
    ways: { web: 2, sms: 1, viber: 1 },
  });
  for (const fault of faults) await system.ask('/api/faults', { rate: RATE, ...fault });
  await liveThrough();
  record = await carriersRecord(system);
}, 600_000);
afterAll(async () => {
  await system.close();
  await rm(dir, { recursive: true, force: true });
});

async function publish(): Promise<void> {
  for (const [name, text] of Object.entries(pack)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), `${text}\n`);
  }
  const now = system.clock.now();
  await applyPack(system.database, dir, { publish: true, now });
  const approval = {
    sender: 'turbosms-viber',
    message: 'ask',
    locale: 'uk',
    state: 'approved',
    templateId: '1',
  } as const;
  await decideApproval(system.database, approval, now);
}

async function importVisits(): Promise<void> {
  const [file, mapping] = [join(dir, 'visits.csv'), join(dir, 'mapping.yaml')];
  await Promise.all([writeFile(file, `${visitRows().join('\n')}\n`), writeFile(mapping, MAPPING)]);
  const { database, clock } = system;
  const summary = await runVisitsImport({ database, clock, secretKey: TEST_SECRET }, { file, mapping });
  expect(summary).toMatchObject({ accepted: INVITED + others.length * OF_EACH_REASON, rejected: 0 });
}

const OPEN = `
  select (select count(*) from message where state in ('queued', 'sending', 'uncertain') or follow_up_at is not null)::int
    + (select count(*) from visit where planning_due_at is not null)::int
    + (select count(*) from carrier_fact where applied_at is null)::int as n`;

/** In steps of some minutes, until nothing is to come: neither here, nor at the carriers, nor from the people. */
async function liveThrough(): Promise<void> {
  for (let passed = 0; passed < DAYS_AT_MOST * 24 * 60 * MINUTE;) {
    const step = passed < 4 * 60 * MINUTE ? 5 * MINUTE : 30 * MINUTE;
    await system.pass(step);
    passed += step;
    const [open] = await system.rows<{ n: number }>(OPEN);
    const { pending } = await system.ask<{ pending: number }>('/api/counts');
    if (open?.n === 0 && pending === 0) return;
  }
  throw new Error('something stays open for ever: see the states of the messages');
}

interface Sent extends Record<string, unknown> {
  readonly id: string;
  readonly sender: string;
  readonly state: string;
  readonly external: string | null;
  readonly code: string | null;
  /** Given up or cancelled while nobody could know whether it was sent. */
  readonly inDoubt: boolean;
}
const outbox = (): Promise<Sent[]> =>
  system.rows<Sent>(
    `select m.id, m.sender, m.state, m.external_id as external, i.code,
       m.state = 'abandoned' or m.state = 'cancelled' and a.outcome = 'uncertain' as "inDoubt"
     from message m left join invitation i on i.id = m.invitation_id
     left join attempt a on a.message_id = m.id and a.attempt = m.attempt`,
  );

type Accepted = CarriersRecord['messages'][number];
const senderOf = ({ carrier }: Accepted): string => (carrier === 'turbosms' ? 'turbosms-viber' : carrier);
const codeIn = ({ text }: Accepted): string | undefined =>
  linksIn(text).find(({ code }) => code !== undefined)?.code;

/** What the carriers took and we, in our own record, left open: by their ids, which only they know. */
function leftOpen(messages: readonly Sent[]): Set<string> {
  const known = new Set(messages.map(({ external }) => external));
  const doubts = messages.filter(({ inDoubt }) => inDoubt);
  const isOf = (one: Accepted): boolean =>
    doubts.some(
      ({ id, sender, code }) => sender === senderOf(one) && (id === one.messageId || code === codeIn(one)),
    );
  return new Set(
    record.messages
      .filter((one) => !known.has(one.externalId) && isOf(one))
      .map(({ externalId }) => externalId),
  );
}

const SENDERS = ['twilio', 'viber', 'turbosms-viber'];

test('the trouble was real, and every carrier had its part of it', async () => {
  const { faults: struck } = await system.ask<{ faults: { kind: string; struck: number }[] }>('/api/faults');
  for (const { kind, struck: times } of struck) expect([kind, times > 10]).toEqual([kind, true]);
  for (const sender of SENDERS)
    expect(record.messages.filter((one) => senderOf(one) === sender).length).toBeGreaterThan(100);
  expect(system.faults).toEqual([]);
});

test('the ledger accounts for every visit, and each reason is the one its visit was made for', async () => {
  const { stdout } = await vidhuk(
    ['report', 'ledger', '--from', DAY, '--to', DAY, '--format', 'json'],
    system.env,
  );
  expect(JSON.parse(stdout)).toMatchObject({
    groups: [
      {
        visits: INVITED + others.length * OF_EACH_REASON,
        decisions: { invited: INVITED, control: 0, not_invited: others.length * OF_EACH_REASON },
        reasons: Object.fromEntries(others.map(([reason]) => [reason, OF_EACH_REASON])),
      },
    ],
  });
});

describe.each(SENDERS)('%s', (sender) => {
  const atCarrier = (): Accepted[] => record.messages.filter((one) => senderOf(one) === sender);

  test('has exactly the messages of which we say so', async () => {
    const messages = await outbox();
    const open = leftOpen(messages);
    const ours = messages.filter((message) => message.sender === sender && message.external !== null);
    const [here, there] = [
      new Set(ours.map(({ external }) => external)),
      new Set(atCarrier().map(({ externalId }) => externalId)),
    ];
    expect(ours.filter(({ external }) => !there.has(external ?? ''))).toEqual([]);
    expect(atCarrier().filter(({ externalId }) => !here.has(externalId) && !open.has(externalId))).toEqual(
      [],
    );
    expect(here.size + atCarrier().filter(({ externalId }) => open.has(externalId)).length).toBe(there.size);
    // Twilio can be asked, so what we gave up on there was never sent.
    if (sender === 'twilio') expect(atCarrier().filter(({ externalId }) => open.has(externalId))).toEqual([]);
  });

  test('told us of exactly the deliveries that we have', async () => {
    const messages = await outbox();
    const open = leftOpen(messages);
    const told = atCarrier()
      .filter((one) => arrived(one) && !open.has(one.externalId))
      .map(({ externalId }) => externalId);
    const delivered = messages.filter(
      (message) => message.sender === sender && message.state === 'delivered',
    );
    expect(delivered.map(({ external }) => external).sort()).toEqual(told.sort());
  });
});

test('nobody got the same text twice, and no message went out twice', async () => {
  const counts = await system.ask<Record<string, unknown>>('/api/counts');
  expect(counts).toMatchObject({ duplicateTexts: 0, duplicateMessageIds: {}, forgotten: 0 });
});

test('every message has an end', async () => {
  const states = new Set((await outbox()).map(({ state }) => state));
  expect([...states].filter((state) => ['queued', 'sending', 'uncertain'].includes(state))).toEqual([]);
});

test('the report of rates counts what the carriers saw and the people did', async () => {
  const messages = await outbox();
  const doubtful = new Set(messages.filter(({ inDoubt }) => inDoubt).map(({ code }) => code));
  const codes = await system.rows<{ code: string }>('select code from invitation');
  const invitations = codes.map(({ code }) => ({ code, doubtful: doubtful.has(code) }));
  const counts = outcomesOf(record, invitations, leftOpen(messages), 3);
  const { stdout } = await vidhuk(
    ['report', 'rates', '--from', DAY, '--to', DAY, '--format', 'json'],
    system.env,
  );
  const { groups } = JSON.parse(stdout) as { groups: { counts: object; coverage: object }[] };
  expect(groups[0]?.counts).toEqual(counts);
  expect(groups[0]?.coverage).toMatchObject({ invited: INVITED, open: 0 });
  // Every outcome that such a run can have is among them.
  for (const letter of ['I', 'P', 'R', 'NC', 'UO', 'UH'] as const)
    expect([letter, counts[letter] > 0]).toEqual([letter, true]);
});
