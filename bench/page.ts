import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { invitationByCode } from '#replies/invitation.sql';
import { Database } from '#store/database';
import { fillOutbox } from './dispatch-ours.js';
import { beServer, serve, withServer } from './door.js';
import { startOurs } from './gateway-ours.js';
import { fire, type Load, type Shot } from './load.js';
import { median } from './measure.js';

/**
 * Survey pages per second beside a bare node:http server that makes the same look-up and sends the same bytes,
 * interleaved, then the latency of ours at half the bare server's load:
 * `node dist/bench/page.js [--pages 20000] [--rounds 3] [--connections 64]`.
 */
const { values } = parseArgs({
  options: {
    pages: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '64' },
  },
});
const pages = Number(values.pages);
const connections = Number(values.connections);
const SURVEY = {
  key: 'bench',
  title: { uk: 'Ваш візит', en: 'Your visit' },
  questions: [
    { key: 'quality', type: 'scale', min: 1, max: 5, text: { uk: 'Як Ви оцінюєте обслуговування?', en: 'How was it?' } },
    { key: 'recommend', type: 'nps', text: { uk: 'Чи порадите нас?', en: 'Recommend?' } },
    { key: 'comment', type: 'text', optional: true, text: { uk: 'Що поліпшити?', en: 'Improve?' } },
  ],
}; // prettier-ignore

interface Job {
  readonly who: 'bare' | 'ours';
  readonly database: string;
  /** What a page of ours was: the same bytes for the bare server. */
  readonly page?: string;
}

async function startBare({ database: address, page = '' }: Job): Promise<{ url: string; close(): Promise<void> }> {
  const database = await Database.connect(address);
  const body = Buffer.from(page, 'base64');
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-encoding': 'gzip', 'content-length': body.length };
  const server = createServer((request, response) => {
    void invitationByCode(database, request.url?.slice(1) ?? '').then((found) =>
      found ? response.writeHead(200, headers).end(body) : response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await database.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
} // prettier-ignore

async function compare(): Promise<void> {
  await withServer(async (database, url) => {
    await fillOutbox(database, 5000);
    await database.query(`update definition set content = $1 where kind = 'survey'`, [JSON.stringify(SURVEY)]);
    const { rows } = await database.query<{ code: string }>(`select code from invitation where code ~ '^[1-9A-HJ-NP-Za-km-z]{8}$'`);
    const shots = Array.from({ length: pages }, (_, n): Shot => {
      const path = `/${rows[n % rows.length]?.code ?? ''}`;
      return { method: 'GET', path, headers: { 'accept-encoding': 'gzip, deflate, br' } };
    });
    const found: Record<Job['who'], (Load & { cpuUs: number })[]> = { bare: [], ours: [] };
    const page = await pageOfOurs(url, shots[0] as Shot);
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const who of ['bare', 'ours'] as const) {
        const server = await serve(fileURLToPath(import.meta.url), { who, database: url, page });
        await fire(server.url, shots.slice(0, pages / 5), connections);
        await server.cost();
        const load = await fire(server.url, shots, connections);
        found[who].push({ ...load, ...(await server.cost()) });
        if (load.statuses['200'] !== pages) throw new Error(JSON.stringify(load.statuses));
        await server.stop();
      }
    }
    report(found);
    const half = median(found.bare.map(({ perSecond }) => perSecond)) / 2;
    const server = await serve(fileURLToPath(import.meta.url), { who: 'ours', database: url });
    await fire(server.url, shots.slice(0, pages / 5), connections);
    const { p50Ms, p99Ms } = await fire(server.url, shots, connections, half);
    await server.stop();
    process.stdout.write(`at ${half.toFixed(0)}/s ours answers in ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms\n`);
  });
} // prettier-ignore

async function pageOfOurs(database: string, { path, headers }: Shot): Promise<string> {
  const server = await serve(fileURLToPath(import.meta.url), { who: 'ours', database });
  const { Pool } = await import('undici');
  const http = new Pool(server.url);
  const answer = await http.request({ method: 'GET', path, headers });
  const body = Buffer.from(await answer.body.arrayBuffer());
  await http.close();
  await server.stop();
  process.stdout.write(`the page: ${body.length} bytes as ${String(answer.headers['content-encoding'])}\n`);
  return body.toString('base64');
}

function report(found: Record<Job['who'], (Load & { cpuUs: number })[]>): void {
  for (const who of ['bare', 'ours'] as const) {
    const of = (pick: (load: Load & { cpuUs: number }) => number): number => median(found[who].map(pick));
    const runs = found[who].map(({ perSecond }) => Math.round(perSecond)).join(' ');
    process.stdout.write(
      `${who}  ${of((load) => load.perSecond).toFixed(0).padStart(6)}/s  p99 ${of((load) => load.p99Ms).toFixed(0)} ms  ` +
        `node ${of((load) => load.cpuUs / pages).toFixed(0)} µs  (${runs})\n`,
    );
  } // prettier-ignore
  const rate = (who: Job['who']): number => median(found[who].map(({ perSecond }) => perSecond));
  process.stdout.write(`ratio ${(rate('ours') / rate('bare')).toFixed(2)}\n`);
}

if (process.send) {
  beServer<Job>((job) => (job.who === 'bare' ? startBare(job) : startOurs(job.database)));
} else {
  await compare();
}
