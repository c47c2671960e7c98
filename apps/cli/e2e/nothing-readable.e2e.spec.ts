import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Database } from '#store/database';
import { findEmbedded } from '#store/embedded';
import { eventually, removeSystem, startSystem, type RunningSystem } from '#testkit/running-system';
import { virtualPhone, type PhoneMessage } from '#testkit/virtual-phone';
import { findsIn, textTraces, writingsOf } from '#testkit/readable-traces';

const WORDS = 'чекала дві години, передзвоніть мені на 067 765 43 21';

let system: RunningSystem;
/** Everything that could be read by whoever gets hold of a copy: a dump of all tables, and all logs. */
let dump: string;
let logs: string;
let numbers: string[];
let texts: string[];
beforeAll(async () => {
  system = await startSystem({ args: ['--demo'] });
  await someLife();
  ({ numbers, texts } = await whatThePhonesSaw());
  dump = await dumpOf(await database());
  logs = await logsOf(join(system.env['VIDHUK_DATA_DIR'] ?? '', 'logs'));
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

async function whatThePhonesSaw(): Promise<{ numbers: string[]; texts: string[] }> {
  const seen = (await phones()).filter(({ messages }) => messages > 0);
  const texts = new Set<string>();
  for (const { number } of seen) {
    const response = await fetch(`${system.sandbox}/api/phones/${encodeURIComponent(number)}/messages`);
    for (const { text } of ((await response.json()) as { messages: PhoneMessage[] }).messages)
      texts.add(text);
  }
  return { numbers: [...seen.map(({ number }) => number), '+380677654321'], texts: [...texts] };
}

async function database(): Promise<string> {
  return (await findEmbedded(system.env['VIDHUK_DATA_DIR'] ?? '')) ?? '';
}

/** As `pg_dump --inserts` would show it: every column of every row of every table, as text. */
async function dumpOf(url: string): Promise<string> {
  const db = await Database.connect(url);
  try {
    const { rows: tables } = await db.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    const parts: string[] = [];
    for (const { name } of tables) {
      const { rows } = await db.query<{ line: string }>(`select t::text as line from ${name} t`);
      parts.push(...rows.map(({ line }) => `${name.replace('public.', '')} ${line.replaceAll('\n', ' ')}`));
    }
    return parts.join('\n');
  } finally {
    await db.close();
  }
}

async function logsOf(dir: string): Promise<string> {
  const files = await readdir(dir);
  const read = await Promise.all(files.map((file) => readFile(join(dir, file), 'utf8')));
  return [...read, system.printed().replace(/choose \+\d+/, '')].join('\n');
}

test('there was something to find: people were written to, and answered', () => {
  expect(numbers.length).toBeGreaterThan(5);
  expect(texts.length).toBeGreaterThan(5);
  expect(texts).toContain(WORDS);
  for (const table of ['carrier_fact', 'visit_record', 'answer', 'message'])
    expect(dump.includes(`\n${table} (`)).toBe(true);
  expect(logs).toContain('worker_started');
});

test('a dump of the whole database holds no phone number in any usual writing', () => {
  expect(findsIn(dump, numbers.flatMap(writingsOf))).toEqual([]);
});

test('all logs hold no phone number in any usual writing', () => {
  expect(findsIn(logs, numbers.flatMap(writingsOf))).toEqual([]);
});

test('neither holds the text of a message', () => {
  // The wording of templates and surveys stands in their revisions, and belongs there: what is left has values in it.
  const wording = dump
    .split('\n')
    .filter((line) => line.startsWith('definition '))
    .join('\n');
  const traces = texts.flatMap(textTraces).filter((trace) => !wording.includes(trace));
  expect(traces.length).toBeGreaterThan(5);
  expect(findsIn(logs, traces)).toEqual([]);
  expect(findsIn(dump, traces)).toEqual([]);
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

  test('a message text, as it is, as JSON and as bytes', () => {
    const text = 'Оцініть візит до ЦНАП «Центр»: "5" чи "1"? https://x.example/abcdefgh';
    for (const form of [text, JSON.stringify(text), Buffer.from(text).toString('hex'), Buffer.from(text).toString('base64')]) {
      expect(findsIn(`1\t${form}\n`, textTraces(text))).not.toEqual([]);
    }
  }); // prettier-ignore
});
