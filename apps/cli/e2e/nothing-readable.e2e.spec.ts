import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseEnvironment } from '#config/environment';
import { Vault } from '#contacts/vault';
import { REMARKS } from '#sandbox/visitors/opinions';
import { Database } from '#store/database';
import { findEmbedded } from '#store/embedded';
import { secretsOf } from '#store/process';
import { eventually, removeSystem, startSystem, writeCsv, type RunningSystem } from '#testkit/running-system';
import { virtualPhone, type PhoneMessage } from '#testkit/virtual-phone';
import {
  findsIn,
  numbersIn,
  piecesOf,
  textTraces,
  unpacked,
  writingsOf,
  writingsOfText,
} from '#testkit/readable-traces';

const WORDS = 'чекала дві години, передзвоніть мені на 067 765 43 21';
/** Numbers that come in by ways that fail, or that are forgotten: where things go wrong, logs are written. */
const AWRY = { row: '+380677650001', typed: '+380677650002', refused: '+380677650003', erased: '+380677650004', forged: '+380677650005', asked: '+380677650006' }; // prettier-ignore
const FORGED = 'Погано обслужили, я чекаю на відповідь';

let system: RunningSystem;
/** Everything that could be read by whoever gets hold of a copy: a dump of all tables, all logs and files, and the disk itself. */
let dump: string;
let logs: string;
let files: string;
let disk: { name: string; bytes: Buffer }[];
let numbers: string[];
/** Of everybody who came by, by their last nine digits, written to or not. */
let everybody: Set<string>;
let texts: string[];
beforeAll(async () => {
  system = await startSystem({ args: ['--demo'], env: { VIDHUK_LOG_LEVEL: 'trace' } });
  await someLife();
  await troubles();
  ({ numbers, texts } = await whatThePhonesSaw());
  const data = system.env['VIDHUK_DATA_DIR'] ?? '';
  everybody = await everybodysNumbers();
  dump = await dumpOf(await database());
  logs = await logsOf(join(data, 'logs'));
  const { cluster } = JSON.parse(await readFile(join(data, 'postgres.json'), 'utf8')) as { cluster: string };
  disk = await filesOf(cluster, () => true);
  const beside = await filesOf(data, (path) => !path.startsWith(cluster));
  // PostgreSQL writes down statements that failed.
  const server = disk.filter(({ name }) => name.endsWith('server.log'));
  files = [...beside, ...server].map(({ name, bytes }) => `${name} ${bytes.toString('utf8')}`).join('\n');
}, 400_000);
afterAll(async () => {
  await system.stop();
  await removeSystem(system);
});

interface Seen {
  readonly number: string;
  readonly messages: number;
}

async function phones(): Promise<Seen[]> {
  const response = await fetch(`${system.sandbox}/api/phones?limit=500`);
  return ((await response.json()) as { phones: Seen[] }).phones;
}

/** Messages reach people, some answer, and one of them writes a remark with a number in it. */
async function someLife(): Promise<void> {
  await eventually(async () => {
    const { stdout } = await system.vidhuk('report', 'rates', '--from', '2000-01-01', '--to', '2100-01-01', '--format', 'json');
    const group = (JSON.parse(stdout) as { groups: { counts: Record<string, number> }[] }).groups[0];
    return (group?.counts['I'] ?? 0) >= 3 ? true : undefined;
  }, 'three completed answers');
  const own = /choose (\+\d+)/.exec(system.printed())?.[1] ?? '';
  const phone = virtualPhone(system.sandbox, own);
  await phone.message((message) => message.links.length > 0);
  await phone.reply(WORDS);
  await eventually(async () => ((await phone.messages('out')).length > 0 ? true : undefined), 'the remark on the phone');
} // prettier-ignore

/** What goes wrong on any day: bad rows, forged calls, mistyped addresses, a stop, a list, a person forgotten. */
async function troubles(): Promise<void> {
  const mapping = await writeCsv(system.dir, 'mapping.yaml', [
    'key: awry', 'format: csv', 'delimiter: ";"', 'timezone: Europe/Kyiv', 'defaultCountry: UA', 'dateFormat: "yyyy-MM-dd HH:mm"',
    'columns: {recordId: id, centre: office, finishedAt: closed, outcome: status, phone: phone, consent: consent}',
    'values: {consent: {"1": granted}}',
  ]);
  const rows = ['id;office;closed;status;phone;consent', `1;demo-01;${AWRY.row};served;${AWRY.row};1`, `2;demo-01;2020-01-13 09:14;served;${AWRY.typed} дод. 5;1`,
    `3;demo-01;2020-01-13 09:14;served;${AWRY.erased};1`];
  const file = await writeCsv(system.dir, 'awry.csv', rows);
  await system.vidhuk('visits', 'import', file, '--source', 'awry', '--mapping', mapping, '--json');
  expect(await system.vidhuk('suppress', 'add', AWRY.refused)).toMatchObject({ code: 0 });
  expect(await system.vidhuk('erase', '--phone', AWRY.erased)).toMatchObject({ code: 0 });
  const form = new URLSearchParams({ From: AWRY.forged, To: '+380500000000', Body: FORGED, MessageSid: 'SMforged' });
  const event = { event: 'message', sender: { id: 'x', name: AWRY.forged }, message: { type: 'text', text: FORGED } };
  const json = { 'content-type': 'application/json' };
  const visit = { source: 'x', recordId: AWRY.asked, phone: AWRY.asked, finishedAt: AWRY.asked };
  const statuses = await Promise.all(
    [
      fetch(`${system.gateway}/hooks/twilio/inbound`, { method: 'POST', body: form }),
      fetch(`${system.gateway}/hooks/viber`, { method: 'POST', headers: json, body: JSON.stringify(event) }),
      fetch(`${system.gateway}/${encodeURIComponent(AWRY.asked)}`),
      fetch(`${system.gateway}/zzzzzzzz?phone=${encodeURIComponent(AWRY.asked)}`),
      fetch(`${system.console}/api/v1/visits?phone=${encodeURIComponent(AWRY.asked)}`, { method: 'POST', headers: json, body: JSON.stringify(visit) }),
      fetch(`${system.console}/${encodeURIComponent(AWRY.asked)}`),
      fetch(`${system.console}/sign-in`, { method: 'POST', body: new URLSearchParams({ email: AWRY.asked, password: FORGED }) }),
    ].map(async (asked) => (await asked).status),
  );
  expect(statuses.filter((status) => status < 400)).toEqual([]);
} // prettier-ignore

/** As the key opens them: everybody in the contacts, also those who were never written to. */
async function everybodysNumbers(): Promise<Set<string>> {
  const { current } = await secretsOf(parseEnvironment(system.env));
  const vault = new Vault(current);
  const db = await Database.connect(await database());
  try {
    const { rows } = await db.query<{ cipher: Buffer }>(
      'select phone_cipher as cipher from contact where phone_cipher is not null',
    );
    return new Set([...rows.map(({ cipher }) => vault.open(cipher)), ...Object.values(AWRY)].map((number) => number.slice(-9)));
  } finally {
    await db.close();
  }
} // prettier-ignore

async function whatThePhonesSaw(): Promise<{ numbers: string[]; texts: string[] }> {
  const seen = (await phones()).filter(({ messages }) => messages > 0);
  const texts = new Set<string>([FORGED, ...REMARKS]);
  for (const { number } of seen) {
    const response = await fetch(`${system.sandbox}/api/phones/${encodeURIComponent(number)}/messages`);
    for (const { text } of ((await response.json()) as { messages: PhoneMessage[] }).messages)
      texts.add(text);
  }
  return {
    numbers: [...seen.map(({ number }) => number), '+380677654321', ...Object.values(AWRY)],
    texts: [...texts],
  };
}

/** Every file below a folder. What PostgreSQL removes meanwhile is not there. */
async function filesOf(
  dir: string,
  wanted: (path: string) => boolean,
): Promise<{ name: string; bytes: Buffer }[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = await Promise.all(
    paths.filter(wanted).map(async (name) => ({ name, bytes: await readFile(name).catch(() => Buffer.alloc(0)) })),
  );
  return read;
} // prettier-ignore

async function database(): Promise<string> {
  return (await findEmbedded(system.env['VIDHUK_DATA_DIR'] ?? '')) ?? '';
}

/** As `pg_dump --inserts` would show it: every column of every row of every table, as text, and what is packed in it. */
async function dumpOf(url: string): Promise<string> {
  const db = await Database.connect(url);
  try {
    const { rows: tables } = await db.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema')
       union all select format('%I.%I', schemaname, matviewname) from pg_matviews
       union all select 'pg_largeobject'`,
    );
    const parts: string[] = [];
    for (const { name } of tables) {
      const { rows } = await db.query<{ line: string }>(`select t::text as line from ${name} t`);
      parts.push(...rows.map(({ line }) => `${name.replace('public.', '')} ${line.replaceAll('\n', ' ')}`));
    }
    const text = parts.join('\n');
    return `${text}\n${unpacked(text)}`;
  } finally {
    await db.close();
  }
}

async function logsOf(dir: string): Promise<string> {
  const files = await readdir(dir);
  const read = await Promise.all(files.map((file) => readFile(join(dir, file), 'utf8')));
  return [...read, system.printed().replace(/choose \+\d+/, '')].join('\n');
}

test('there was something to find: people were written to, and answered, and things went wrong', () => {
  expect(numbers.length).toBeGreaterThan(5);
  expect(texts.length).toBeGreaterThan(5);
  expect(everybody.size).toBeGreaterThan(numbers.length);
  expect(texts).toContain(WORDS);
  for (const table of ['carrier_fact', 'visit_record', 'answer', 'message', 'audit_entry', 'rejected_row', 'suppression', 'erasure'])
    expect(dump.includes(`\n${table} (`)).toBe(true);
  for (const component of ['worker', 'gateway', 'console']) expect(logs).toContain(`"component":"${component}"`);
  expect(logs).toContain('worker_started');
  expect(logs).toContain('webhook_forged');
  expect(disk.some(({ name }) => name.includes('pg_wal'))).toBe(true);
}); // prettier-ignore

test.each<[string, () => string]>([
  ['a dump of the whole database', () => dump],
  ['all logs', () => logs],
  ['whatever else lies in the data dir, and what PostgreSQL logs', () => files],
])(
  '%s holds no phone number in any usual writing, nor a hash that numbers can be tried out against',
  (_, where) => {
    expect(findsIn(where(), numbers.flatMap(writingsOf))).toEqual([]);
    expect(numbersIn(where(), everybody)).toEqual([]);
  },
);

/** Pieces of messages and answers that are no wording: that of templates and surveys stands in their revisions, names of centres and services in their tables. */
function pieces(): string[] {
  const own = /^(definition|centre|visit|visit_record|message) /;
  const wording = dump.split('\n').filter((line) => own.test(line)).join('\n'); // prettier-ignore
  return [...new Set(texts.flatMap(piecesOf))].filter((piece) => !wording.includes(piece));
}

test('none of them holds the text of a message or an answer', () => {
  const traces = pieces();
  for (const said of [WORDS, FORGED, ...REMARKS])
    expect(traces).toEqual(expect.arrayContaining(piecesOf(said)));
  for (const where of [logs, dump, files]) expect(findsIn(where, traces.flatMap(writingsOfText))).toEqual([]);
});

test('nor does the disk of the database: what was deleted, its indexes, its log of changes', () => {
  const found: string[] = [];
  const traces = [...numbers.map((number) => number.slice(-9)), ...pieces()].map((trace) =>
    Buffer.from(trace),
  );
  for (const { name, bytes } of disk)
    for (const trace of traces) if (bytes.includes(trace)) found.push(`${trace.toString()} in ${name}`);
  expect(found).toEqual([]);
});

describe('the search finds what it looks for', () => {
  test.each([
    '+380671234567', '380671234567', '0671234567', '067 123 45 67', '+38 (067) 123-45-67', '067-123-45-67', '067.123.45.67',
    '%2B380671234567', Buffer.from('+380671234567').toString('base64'), Buffer.from('+380671234567').toString('hex'),
    `\\x${Buffer.from('380671234567').toString('hex')}`, '+38 067 1234567',
    '(067)1234567', '+38 067 123 4567', '067 12 34 567', '067.1234567', '38067-123-45-67', '8 067 1234567',
  ])('%s', (writing) => {
    expect(findsIn(`dump\n(1,"${writing}",x)\n`, writingsOf('+380671234567'))).not.toEqual([]);
  }); // prettier-ignore

  test('a message text, as it is, escaped in any way and as bytes', () => {
    const text = 'Оцініть візит до ЦНАП «Центр»: "5" чи "1"? https://x.example/abcdefgh';
    const inUnits = [...text].map((letter) => (letter > '~' ? `\\u0${letter.charCodeAt(0).toString(16)}` : letter)).join('');
    for (const form of [text, JSON.stringify(text), JSON.stringify(JSON.stringify(text)), inUnits, encodeURIComponent(text), new URLSearchParams({ text }).toString(),
      Buffer.from(text).toString('hex'), Buffer.from(text).toString('base64'), Buffer.from(text).toString('base64url'), Buffer.from(text, 'utf16le').toString('hex'),
      unpacked(`x ${gzipSync(text).toString('hex')} y`), unpacked(gzipSync(text).toString('base64'))]) {
      expect(findsIn(`1\t${form}\n`, textTraces(text))).not.toEqual([]);
    }
  });

  test.each(['+380671234567', '0671234567', '8 067 123-45-67', '(067) 123 45 67', '67.123.45.67', '380671234567'])('%s among many', (writing) => {
    const many = new Set(['671234567', '501112233']);
    expect(numbersIn(`dump (1,"${writing}",x)`, many)).toHaveLength(1);
    expect(numbersIn('2020-01-13 10:00:00.671234+00 id 96712345671', many)).toEqual([]);
  });

  test.each(['md5', 'sha1', 'sha256'])('a number behind %s without a key', (name) => {
    const hash = createHash(name).update('380671234567').digest();
    for (const form of [hash.toString('hex'), hash.toString('base64'), hash.toString('base64url')])
      expect(findsIn(`(1,${form})`, writingsOf('+380671234567'))).not.toEqual([]);
  });
}); // prettier-ignore
