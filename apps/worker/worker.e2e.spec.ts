import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { parseEnvironment } from '#config/environment';
import { createLogger } from '#config/logger';
import { systemClock } from '#kernel/clock';
import { Database } from '#store/database';
import type { RunningProcess } from '#store/process';
import { TEST_SECRET } from '#testkit/builders';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { OutboxBuilder, type Queued } from '#testkit/outbox';
import { start } from './main.js';

let t: TestDatabase;
let outbox: OutboxBuilder;
/** The worker's own connections, apart from the test's. */
let database: Database;
let carrier: Server;
let posted: URLSearchParams[];
let logged: string[];

beforeAll(async () => {
  t = await testDatabase();
  database = await Database.connect(t.url, { applicationName: 'the worker' });
  carrier = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      posted.push(new URLSearchParams(Buffer.concat(chunks).toString()));
      const sid = `SM${String(posted.length).padStart(32, '0')}`;
      response.writeHead(201, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ sid, status: 'queued', num_segments: '2' }));
    });
  });
  await new Promise<void>((resolve) => carrier.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  carrier.closeAllConnections();
  await new Promise((resolve) => carrier.close(resolve));
  await database.close();
  await t.drop();
});
beforeEach(async () => {
  outbox = await OutboxBuilder.open(t.db);
  await t.db.query(`update sender set enabled = false`);
  posted = [];
  logged = [];
});

function running(over: Record<string, string> = {}): RunningProcess {
  const environment = parseEnvironment({
    DATABASE_URL: t.url,
    VIDHUK_SECRET_KEY: TEST_SECRET,
    VIDHUK_PUBLIC_URL: 'http://127.0.0.1:1',
    VIDHUK_METRICS_PORT: '0',
    TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    TWILIO_AUTH_TOKEN: 'token',
    TWILIO_FROM: '+380500000000',
    TWILIO_BASE_URL: `http://127.0.0.1:${(carrier.address() as AddressInfo).port}`,
    ...over,
  });
  const log = createLogger('worker', 'info', { write: (line) => void logged.push(line) });
  return { name: 'worker', environment, log, clock: systemClock, database, secretKey: TEST_SECRET, close: async () => undefined }; // prettier-ignore
}

/** Queued for the sender `twilio`, due now and for an hour. */
async function queue(count: number): Promise<Queued[]> {
  const now = systemClock.now().getTime();
  return outbox.queue(count, {
    sender: 'twilio',
    dueAt: new Date(now - 1000),
    closesAt: new Date(now + 3_600_000),
    notAfter: new Date(now + 3_600_000),
    expiresAt: new Date(now + 7_200_000),
  });
}

/** Resolves once the condition holds; the worker's own tickers make it so. */
async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('a worker sends what is due and settles it, and says so in its metrics', async () => {
  const worker = await start(running());
  await queue(5);
  await until(async () => (await outbox.states())['accepted'] === 5);
  expect(posted).toHaveLength(5);
  const metrics = await (await fetch(`${worker.url}/metrics`)).text();
  expect(metrics).toContain('vidhuk_attempts_total{sender="twilio",outcome="accepted"} 5');
  expect(metrics).toContain('vidhuk_parts_total{sender="twilio"} 10');
  expect(metrics).toContain('vidhuk_queue_due{sender="twilio"} 0');
  expect(metrics).toContain('vidhuk_lane_paused{sender="twilio"} 0');
  expect(metrics).toContain('vidhuk_round_seconds_count{round="dispatch twilio",result="ok"}');
  expect((await fetch(`${worker.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${worker.url}/readyz`)).status).toBe(200);
  await worker.close();
  const log = logged.join('');
  expect(log).toContain('worker_started');
  expect(log).not.toContain('+38050');
  expect(log).not.toContain('round_failed');
});

test('two workers on one machine share the work, each with its own metrics', async () => {
  const first = await start(running());
  const taken = new URL(first.url).port;
  const second = await start(running({ VIDHUK_METRICS_PORT: taken }));
  expect(second.url).not.toBe(first.url);
  expect(logged.join('')).toContain('metrics_port_taken');
  await queue(50);
  await until(async () => (await outbox.states())['accepted'] === 50);
  expect(posted).toHaveLength(50);
  await Promise.all([first.close(), second.close()]);
});

test('a database that drops every connection is survived without a hand, and nothing is sent twice', async () => {
  const worker = await start(running());
  for (let round = 0; round < 5; round++) {
    await queue(20);
    await t.db.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'the worker'`,
    );
  }
  const after = new Set((await queue(20)).map(({ phone }) => phone));
  const sentTo = (): string[] => posted.map((form) => form.get('To') ?? '');
  await until(() => sentTo().filter((phone) => after.has(phone)).length === 20);
  await worker.close();
  expect(new Set(sentTo()).size).toBe(posted.length);
  // A claim whose answer was cut off stays with its lease; everything else was sent and settled.
  const { accepted = 0, sending = 0, queued = 0 } = await outbox.states();
  expect(accepted).toBe(posted.length);
  expect(accepted + sending + queued).toBe(120);
});

test('a worker without carriers starts, and says that nothing will be sent', async () => {
  const process = running();
  const worker = await start({ ...process, environment: { ...process.environment, twilio: undefined } });
  expect(logged.join('')).toContain('no_senders');
  await worker.close();
});
