import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '#kernel/clock';
import { Database } from '#store/database';
import { beServer, fire, serve, withServer, type Load, type Shot } from './door.js';
import { fillOutbox } from './dispatch-ours.js';
import { ACCOUNT, PUBLIC_URL, startOurs, TOKEN } from './gateway-ours.js';
import { median } from './measure.js';

/**
 * Twilio receipts per second, durable before the answer, beside a bare node:http server that verifies and does one
 * INSERT a request, interleaved: `node dist/bench/webhooks.js [--calls 20000] [--rounds 3] [--connections 64]`.
 * Every call is a new fact of a message of ours; ours also applies it, behind the answer.
 */
const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '64' },
  },
});
const calls = Number(values.calls);

interface Job {
  readonly who: 'bare' | 'ours';
  readonly database: string;
}

async function startBare(address: string): Promise<{ url: string; close(): Promise<void> }> {
  const database = await Database.connect(address);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const fields = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
      const given = Buffer.from(String(request.headers['x-twilio-signature']), 'base64');
      const expected = signature(request.url ?? '', Object.fromEntries(fields));
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return response.writeHead(403).end();
      const status = fields.get('MessageStatus');
      return void database
        .query(
          `insert into carrier_fact (sender, kind, dedupe_key, external_id, status, detail, happened_at, received_at)
           values ('twilio', 'receipt', $1, $2, $3, '{}', $4, $4) on conflict do nothing`,
          [`${fields.get('MessageSid')}:${status}`, fields.get('MessageSid'), status, systemClock.now()],
        )
        .then(() => response.writeHead(200, { 'content-type': 'text/xml' }).end('<Response/>'));
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

function signature(path: string, fields: Readonly<Record<string, string>>): Buffer {
  const sorted = Object.keys(fields).sort().map((name) => name + fields[name]);
  return createHmac('sha1', TOKEN).update(PUBLIC_URL + path + sorted.join('')).digest();
} // prettier-ignore

function receipt(messageId: string, round: number): Shot {
  const path = `/hooks/twilio/status?m=${messageId}`;
  const sid = `SM${round}${messageId}`.padEnd(34, '0');
  const fields = {
    SmsSid: sid, SmsStatus: 'delivered', MessageStatus: 'delivered', To: '+380501234567', MessageSid: sid,
    AccountSid: ACCOUNT, From: '+380500000000', ApiVersion: '2010-04-01',
  }; // prettier-ignore
  const headers = {
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    'x-twilio-signature': signature(path, fields).toString('base64'),
  };
  return { method: 'POST', path, headers, body: new URLSearchParams(fields).toString() };
}

async function compare(): Promise<void> {
  await withServer(async (database, url) => {
    const found: Record<Job['who'], (Load & { cpuUs: number; peakMb: number })[]> = { bare: [], ours: [] };
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const who of ['bare', 'ours'] as const) {
        await database.query('truncate carrier_fact cascade');
        await fillOutbox(database, calls);
        await database.query(`update message set state = 'accepted', accepted_at = due_at, attempt = 1`);
        await database.query('checkpoint');
        const { rows } = await database.query<{ id: string }>('select id from message order by id');
        const shots = rows.map(({ id }) => receipt(id, round));
        const server = await serve(fileURLToPath(import.meta.url), { who, database: url });
        await fire(server.url, shots.slice(0, calls / 10), Number(values.connections));
        await server.cost();
        const load = await fire(server.url, shots.slice(calls / 10), Number(values.connections));
        found[who].push({ ...load, ...(await server.cost()) });
        await server.stop();
        if (load.statuses['200'] !== shots.length - calls / 10)
          throw new Error(JSON.stringify(load.statuses));
      }
    }
    report(found);
  });
}

function report(found: Record<Job['who'], (Load & { cpuUs: number; peakMb: number })[]>): void {
  process.stdout.write(`\n${calls} receipts over ${values.connections} connections\n`);
  for (const who of ['bare', 'ours'] as const) {
    const of = (pick: (load: Load & { cpuUs: number; peakMb: number }) => number): number =>
      median(found[who].map(pick));
    const runs = found[who].map(({ perSecond }) => Math.round(perSecond)).join(' ');
    process.stdout.write(
      `${who}  ${of((load) => load.perSecond).toFixed(0).padStart(6)}/s  p99 ${of((load) => load.p99Ms).toFixed(0)} ms  ` +
        `node ${of((load) => load.cpuUs / calls).toFixed(0)} µs  peak ${of((load) => load.peakMb).toFixed(0)} MB  (${runs})\n`,
    );
  } // prettier-ignore
  const rate = (who: Job['who']): number => median(found[who].map(({ perSecond }) => perSecond));
  process.stdout.write(`ratio ${(rate('ours') / rate('bare')).toFixed(2)}\n`);
}

if (process.send) {
  beServer<Job>(({ who, database }) => (who === 'bare' ? startBare(database) : startOurs(database)));
} else {
  await compare();
}
