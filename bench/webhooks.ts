import { timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'node:querystring';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '#kernel/clock';
import { Database } from '#store/database';
import { beServer, serve, withServer } from './door.js';
import { fillOutbox } from './dispatch-ours.js';
import { startOurs, twilioReceipt, twilioSignature } from './gateway-ours.js';
import { fire, type Load } from './load.js';
import { median, postgresClock } from './measure.js';

/**
 * Twilio receipts per second, durable before the answer, beside a bare node:http server that verifies and does one
 * INSERT a request as plainly and cheaply as that can be written (one prepared statement, ten connections), interleaved:
 * `node dist/bench/webhooks.js [--calls 40000] [--rounds 3] [--connections 64]`; a quarter of the calls warms up.
 * Every call is a new fact of a message of ours. Ours also applies it, behind the answer: how long after the last
 * answer the last of them was applied is told too.
 */
const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '40000' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '64' },
  },
});
const calls = Number(values.calls);

interface Job {
  readonly who: 'bare' | 'ours';
  readonly database: string;
}

const ANSWER = '<Response/>';
const OK = { 'content-type': 'text/xml', 'content-length': ANSWER.length };

async function startBare(address: string): Promise<{ url: string; close(): Promise<void> }> {
  const database = await Database.connect(address);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const fields = parse(Buffer.concat(chunks).toString('utf8')) as Record<string, string>;
      const given = Buffer.from(String(request.headers['x-twilio-signature']), 'base64');
      const expected = twilioSignature(request.url ?? '', fields);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return response.writeHead(403).end();
      const { MessageSid: sid, MessageStatus: status } = fields;
      return void database
        .query(
          `insert into carrier_fact (sender, kind, dedupe_key, external_id, status, detail, happened_at, received_at)
           values ('twilio', 'receipt', $1, $2, $3, '{}', $4, $4) on conflict do nothing`,
          [`${sid}:${status}`, sid, status, systemClock.now()],
          'bare',
        )
        .then(() => response.writeHead(200, OK).end(ANSWER));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await database.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
} // prettier-ignore

interface Run extends Load {
  /** Microseconds of CPU a call, of the server, of PostgreSQL and of the load generator. */
  readonly nodeUs: number;
  readonly postgresUs: number;
  readonly clientUs: number;
  readonly peakMb: number;
  /** From the last answer until every fact was applied; 0 where nothing is. */
  readonly appliedMs: number;
}

async function compare(): Promise<void> {
  await withServer(async (database, url) => {
    const postgresUs = await postgresClock(database);
    const found: Record<Job['who'], Run[]> = { bare: [], ours: [] };
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const who of ['bare', 'ours'] as const) {
        found[who].push(await run({ who, database: url }, round, database, postgresUs));
      }
    }
    report(found);
  });
}

async function run(job: Job, round: number, database: Database, postgresUs: () => number): Promise<Run> {
  await database.query('truncate carrier_fact cascade');
  await fillOutbox(database, calls);
  await database.query(`update message set state = 'accepted', accepted_at = due_at, attempt = 1`);
  await database.query('checkpoint');
  const { rows } = await database.query<{ id: string }>('select id from message order by id');
  const shots = rows.map(({ id }) => twilioReceipt(id, round));
  const server = await serve(fileURLToPath(import.meta.url), job);
  const connections = Number(values.connections);
  const warmUp = calls / 4;
  await fire(server.url, shots.slice(0, warmUp), connections);
  await applied(job, database);
  await server.cost();
  const [postgresBefore, clientBefore] = [postgresUs(), process.cpuUsage()];
  const load = await fire(server.url, shots.slice(warmUp), connections);
  const client = process.cpuUsage(clientBefore);
  const postgres = postgresUs() - postgresBefore;
  const { cpuUs, peakMb } = await server.cost();
  const appliedMs = await applied(job, database);
  await server.stop();
  const fired = shots.length - warmUp;
  if (load.statuses['200'] !== fired) throw new Error(JSON.stringify(load.statuses));
  const clientUs = (client.user + client.system) / fired;
  return { ...load, nodeUs: cpuUs / fired, postgresUs: postgres / fired, clientUs, peakMb, appliedMs };
}

/** Milliseconds until ours has applied everything. */
async function applied({ who }: Job, database: Database): Promise<number> {
  const began = performance.now();
  while (who === 'ours' && performance.now() - began < 60_000) {
    const { rows } = await database.query(`select from carrier_fact where applied_at is null limit 1`);
    if (rows.length === 0) return performance.now() - began;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  if (who === 'ours') throw new Error('facts are still not applied after a minute');
  return 0;
}

function report(found: Record<Job['who'], Run[]>): void {
  process.stdout.write(`\n${calls} receipts over ${values.connections} connections\n`);
  for (const who of ['bare', 'ours'] as const) {
    const of = (pick: (run: Run) => number, digits = 0): string =>
      median(found[who].map(pick)).toFixed(digits);
    const runs = found[who].map(({ perSecond }) => Math.round(perSecond)).join(' ');
    process.stdout.write(
      `${who}  ${of((run) => run.perSecond).padStart(6)}/s  p99 ${of((run) => run.p99Ms)} ms  CPU a call: node ` +
        `${of((run) => run.nodeUs)} µs, postgres ${of((run) => run.postgresUs)} µs, client ${of((run) => run.clientUs)} µs  ` +
        `peak ${of((run) => run.peakMb)} MB  (${runs})\n`,
    );
  }
  const rate = (who: Job['who']): number => median(found[who].map(({ perSecond }) => perSecond));
  process.stdout.write(`ratio ${(rate('ours') / rate('bare')).toFixed(2)}\n`);
  const late = found.ours.map(({ appliedMs }) => Math.round(appliedMs)).join(' ');
  process.stdout.write(`all applied ${late} ms after the last answer\n`);
}

if (process.send) {
  beServer<Job>(({ who, database }) => (who === 'bare' ? startBare(database) : startOurs(database)));
} else {
  await compare();
}
