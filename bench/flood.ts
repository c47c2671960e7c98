import { fork, type ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SURVEY_CODE } from '#kernel/ids';
import { Database } from '#store/database';
import { fillOutbox, runOurs } from './dispatch-ours.js';
import { beServer, serve, withServer } from './door.js';
import { startOurs, twilioReceipt } from './gateway-ours.js';
import { startCarrier } from './loopback-carrier.js';
import { fire, type Load, type Shot } from './load.js';
import { median } from './measure.js';

/**
 * How long callbacks and survey pages take while a worker sends as fast as it can on the same machine and database, and
 * while it does not, interleaved:
 * `node dist/bench/flood.js [--calls 200] [--pages 50] [--seconds 8] [--rounds 3] [--messages 60000]`; calls and pages are
 * per second, and arrive at their pace whether or not the last one was answered. `--nice 10` lets the worker's process stand
 * back by so much.
 */
const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '200' },
    pages: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
    messages: { type: 'string', default: '60000' },
    nice: { type: 'string', default: '0' },
  },
});
const seconds = Number(values.seconds);
const [calls, pages] = [Number(values.calls), Number(values.pages)];
const SURVEY = {
  key: 'bench',
  title: { uk: 'Ваш візит' },
  questions: [{ key: 'quality', type: 'scale', min: 1, max: 5, text: { uk: 'Як Вас обслужили?' } }],
};

interface Job {
  readonly database: string;
  /** Absent: be a gateway. Given: be a worker that sends there all that is due. */
  readonly carrier?: string;
}

interface Round {
  readonly calls: Load;
  readonly pages: Load;
  /** Messages a second meanwhile; 0 when nothing was sent. */
  readonly sent: number;
}

async function compare(): Promise<void> {
  await withServer(async (database, url) => {
    const carrier = await startCarrier(0);
    const found: Record<'idle' | 'flood', Round[]> = { idle: [], flood: [] };
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const how of ['idle', 'flood'] as const) {
        await database.query('truncate carrier_fact cascade');
        await fillOutbox(database, Number(values.messages));
        await database.query(`update definition set content = $1 where kind = 'survey'`, [
          JSON.stringify(SURVEY),
        ]);
        found[how].push(await fireAt({ database: url }, how === 'flood' ? carrier.url : undefined, database));
      }
    }
    carrier.stop();
    report(found);
  });
}

/** The receipts are of messages that were sent before, so that they do not wait for the flood's own. */
async function fireAt(job: Job, carrier: string | undefined, database: Database): Promise<Round> {
  const receipts = calls * seconds;
  await database.query(
    `update message set state = 'accepted', accepted_at = due_at, attempt = 1
     where id in (select id from message order by id desc limit $1)`,
    [receipts],
  );
  const { rows } = await database.query<{ id: string; code: string }>(
    `select m.id, i.code from message m join invitation i on i.id = m.invitation_id where m.state = 'accepted' order by m.id`,
  );
  // What filling the tables left to be written is not the flood's.
  await database.query('checkpoint');
  const callShots = rows.map(({ id }) => twilioReceipt(id, 1));
  // The made-up codes hold letters that no code has; those are not found, and too many of them are refused.
  const codes = rows.map(({ code }) => code).filter((code) => SURVEY_CODE.test(code));
  const pageShots = Array.from({ length: pages * seconds }, (_, n): Shot => ({ method: 'GET', path: `/${codes[n % codes.length] ?? ''}`, headers: {} })); // prettier-ignore
  const gateway = await serve(fileURLToPath(import.meta.url), job);
  // Warm, as a gateway is that has run for a while.
  await fire(gateway.url, pageShots.slice(0, 200), 8);
  const worker = carrier === undefined ? undefined : startWorker({ ...job, carrier });
  if (worker) await said(worker, 'sending');
  const ended = worker && said<{ perSecond: number }>(worker, 'perSecond');
  const both = await Promise.all([fire(gateway.url, callShots, 64, calls), fire(gateway.url, pageShots, 64, pages)]);
  const stillSending = worker?.connected;
  if (worker && !stillSending) throw new Error('the queue was empty before the calls were over: give it more --messages');
  const sent = (await ended)?.perSecond ?? 0;
  await gateway.stop();
  return { calls: both[0], pages: both[1], sent };
} // prettier-ignore

function startWorker(job: Job): ChildProcess {
  const child = fork(fileURLToPath(import.meta.url), process.argv.slice(2));
  child.send(job);
  return child;
}

function said<T extends object>(child: ChildProcess, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: object) => {
      if (what in message) resolve(message as T);
    });
    child.once('exit', () => reject(new Error('the worker ended')));
  });
}

async function beWorker({ database: address, carrier = '' }: Job): Promise<void> {
  setPriority(Number(values.nice));
  const database = await Database.connect(address);
  process.send?.({ sending: true });
  const began = performance.now();
  const count = await runOurs(database, carrier, 256);
  process.send?.({ perSecond: (count / (performance.now() - began)) * 1000 }, () => process.exit(0));
}

function report(found: Record<'idle' | 'flood', Round[]>): void {
  process.stdout.write(`\n${calls} callbacks and ${pages} pages a second for ${seconds} s\n`);
  for (const how of ['idle', 'flood'] as const) {
    const of = (pick: (round: Round) => number): string => median(found[how].map(pick)).toFixed(1);
    const bad = found[how].flatMap((round) => [round.calls, round.pages]).filter(({ statuses }) => Object.keys(statuses).some((status) => status !== '200')); // prettier-ignore
    process.stdout.write(
      `${how.padEnd(6)} callbacks p50 ${of((r) => r.calls.p50Ms)} ms, p99 ${of((r) => r.calls.p99Ms)} ms;  ` +
        `pages p50 ${of((r) => r.pages.p50Ms)} ms, p99 ${of((r) => r.pages.p99Ms)} ms;  sent ${of((r) => r.sent)}/s` +
        `${bad.length > 0 ? `;  other answers than 200: ${JSON.stringify(bad.map(({ statuses }) => statuses))}` : ''}\n`,
    );
  }
}

if (!process.send) {
  await compare();
} else {
  // The first message says which of the two this is; a gateway hears it again.
  process.once('message', (job: Job) => {
    if (job.carrier !== undefined) return void beWorker(job);
    beServer<Job>(({ database }) => startOurs(database));
    process.emit('message', job, undefined);
  });
}
