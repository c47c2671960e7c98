import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { parseEnvironment } from '#config/environment';
import { createLogger } from '#config/logger';
import { SteppedClock, systemClock, type Clock } from '#kernel/clock';
import { Database } from '#store/database';
import type { RunningProcess } from '#store/process';
import { TEST_SECRET } from '#testkit/builders';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { NOON, OutboxBuilder, type Queued } from '#testkit/outbox';
import { SlowLink } from '#testkit/slow-link';
import { start } from './main.js';

/** What the worker waits for a statement here; minutes in earnest. */
const ANSWER_WITHIN_MS = 500;
const HOUR_MS = 3_600_000;

let t: TestDatabase;
let outbox: OutboxBuilder;
let carrier: Server;
/** Numbers that the carrier was asked to write to, in order. */
let posted: string[];
let undo: (() => Promise<unknown>)[];

beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.drop());
beforeEach(async () => {
  undo = [];
  posted = [];
  carrier = await listening(0);
  outbox = await OutboxBuilder.open(t.db);
  await t.db.query('update sender set enabled = false');
});
afterEach(async () => {
  for (const step of undo.reverse()) await step();
  await ended(carrier);
});

async function listening(port: number): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      // The probe of an account has no body.
      const to = new URLSearchParams(Buffer.concat(chunks).toString()).get('To');
      if (to !== null) posted.push(to);
      const sid = `SM${String(posted.length).padStart(32, '0')}`;
      response.writeHead(to === null ? 200 : 201, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ sid, status: to === null ? 'active' : 'queued', num_segments: '2' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

function ended(server: Server): Promise<unknown> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
}

/** A worker with a carrier that works; `also` adds settings, of a second one for example. */
async function working(
  database: Database,
  { clock = systemClock, also = {} }: { clock?: Clock; also?: Record<string, string> } = {},
): Promise<string> {
  const environment = parseEnvironment({
    DATABASE_URL: t.url,
    VIDHUK_SECRET_KEY: TEST_SECRET,
    VIDHUK_PUBLIC_URL: 'http://127.0.0.1:1',
    VIDHUK_METRICS_PORT: '0',
    TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    TWILIO_AUTH_TOKEN: 'token',
    TWILIO_FROM: '+380500000000',
    TWILIO_BASE_URL: `http://127.0.0.1:${(carrier.address() as AddressInfo).port}`,
    ...also,
  });
  const log = createLogger('worker', 'silent');
  const process: RunningProcess = { name: 'worker', environment, log, clock, database, secretKey: TEST_SECRET, close: async () => undefined }; // prettier-ignore
  const worker = await start(process);
  undo.push(() => worker.close());
  return worker.url;
}

async function queue(count: number, { now = systemClock.now(), sender = 'twilio' } = {}): Promise<Queued[]> {
  const later = (hours: number): Date => new Date(now.getTime() + hours * HOUR_MS);
  return outbox.queue(count, { sender, dueAt: now, closesAt: later(1), notAfter: later(1), expiresAt: later(2) });
} // prettier-ignore

async function linked(): Promise<{ link: SlowLink; database: Database }> {
  const { link, url } = await SlowLink.toDatabase(t.url);
  undo.push(() => link.close());
  const database = await Database.connect(url, { answerWithinMs: ANSWER_WITHIN_MS });
  undo.push(() => database.close());
  return { link, database };
}

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}
const accepted = async (): Promise<number> => (await outbox.states())['accepted'] ?? 0;
const scrape = async (url: string): Promise<string> => (await fetch(`${url}/metrics`)).text();

test('with a database far away everything is sent, once', async () => {
  const { link, database } = await linked();
  link.latencyMs = 60;
  const url = await working(database);
  await queue(40);
  await until(async () => (await accepted()) === 40);
  expect(new Set(posted).size).toBe(40);
  expect(posted).toHaveLength(40);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
});

test('a database that swallows every word is told by metrics and readiness, and needs no hand once it answers', async () => {
  const { link, database } = await linked();
  const url = await working(database);
  await queue(5);
  await until(async () => (await accepted()) === 5);
  link.freeze();
  await queue(20);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  await until(async () =>
    (await scrape(url)).includes('vidhuk_round_seconds_count{round="dispatch twilio",result="failed"}'),
  );
  const blind = await scrape(url);
  expect(blind).toContain('vidhuk_attempts_total{sender="twilio",outcome="accepted"} 5');
  expect(blind).not.toContain('vidhuk_queue_due{');
  expect(posted).toHaveLength(5);
  link.thaw();
  await until(async () => (await accepted()) === 25);
  expect(new Set(posted).size).toBe(25);
  expect(posted).toHaveLength(25);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
});

/** Every message that is written so fails as PostgreSQL fails when its disk is full; returns what ends that. */
async function fullDisk(when: string): Promise<() => Promise<unknown>> {
  await t.db.query(
    `create or replace function disk_full() returns trigger language plpgsql as $$ begin
       raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
     create trigger disk_full before insert or update on message for each row when (${when}) execute function disk_full()`,
  );
  return () => t.db.query(`drop trigger disk_full on message`);
}

test('with a full disk nothing leaves that is not written down first', async () => {
  const freed = await fullDisk(`new.state = 'sending'`);
  const url = await working(t.db);
  await queue(10);
  await until(async () =>
    (await scrape(url)).includes('vidhuk_round_seconds_count{round="dispatch twilio",result="failed"}'),
  );
  expect(posted).toEqual([]);
  expect(await outbox.states()).toEqual({ queued: 10 });
  await freed();
  await until(async () => (await accepted()) === 10);
  expect(posted).toHaveLength(10);
});

test('results that a full disk does not take are kept, nothing more is sent, and nothing twice', async () => {
  const freed = await fullDisk(`new.state = 'accepted'`);
  const url = await working(t.db);
  await queue(200);
  await until(async () =>
    (await scrape(url)).includes('vidhuk_round_seconds_count{round="dispatch twilio",result="failed"}'),
  );
  const sent = posted.length;
  expect(sent).toBeGreaterThan(0);
  expect(sent).toBeLessThan(200);
  await freed();
  await until(async () => (await accepted()) === 200);
  expect(new Set(posted).size).toBe(200);
  expect(posted).toHaveLength(200);
});

test('a dead carrier holds up nobody else, shows in metrics and console, and is used again once it lives', async () => {
  const clock = new SteppedClock(NOON);
  const dead = await listening(0);
  const { port } = dead.address() as AddressInfo;
  await ended(dead);
  const address = `http://127.0.0.1:${port}`;
  const url = await working(t.db, { clock, also: { TURBOSMS_TOKEN: 'token', TURBOSMS_SMS_SENDER: 'Vidhuk', TURBOSMS_BASE_URL: address } }); // prettier-ignore
  await queue(20, { now: NOON, sender: 'turbosms' });
  await queue(20, { now: NOON });
  await until(async () => (await accepted()) === 20);
  await until(async () => (await scrape(url)).includes('vidhuk_lane_paused{sender="turbosms"} 1'));
  expect(await scrape(url)).toContain('vidhuk_lane_paused{sender="twilio"} 0');
  const pausedSenders = async (): Promise<string[]> => {
    const { rows } = await t.db.query<{ key: string }>('select key from sender where paused_until > $1', [NOON]); // prettier-ignore
    return rows.map(({ key }) => key);
  };
  // The row is written by the round that follows.
  await until(async () => (await pausedSenders()).length > 0);
  expect(await pausedSenders()).toEqual(['turbosms']);
  expect(new Set(posted).size).toBe(20);
  const alive = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const sending = request.url?.includes('message/send');
      const results = [{ response_code: 0, message_id: `t${(served += 1)}` }];
      response.end(JSON.stringify(sending ? { response_code: 800, response_result: results } : { response_code: 0, response_result: { balance: '1' } })); // prettier-ignore
    });
  });
  let served = 0;
  await new Promise<void>((resolve) => alive.listen(port, '127.0.0.1', resolve));
  undo.push(() => ended(alive));
  await until(async () => {
    clock.advance(5_000);
    return (await accepted()) === 40;
  });
  expect(await scrape(url)).toContain('vidhuk_lane_paused{sender="turbosms"} 0');
});
