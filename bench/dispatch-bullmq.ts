import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Queue, Worker } from 'bullmq';
import twilio from 'twilio';
import { freePort } from '#store/embedded';

export interface RunningRedis {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Redis from the PATH, with its log of commands as durable as it usually is; undefined where there is none. */
export async function startRedis(): Promise<RunningRedis | undefined> {
  const dir = await mkdtemp(join(tmpdir(), 'vidhuk-redis-'));
  const port = await freePort();
  const options = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    dir,
    '--save',
    '',
    '--appendonly',
    'yes',
  ];
  const server = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'ignore'] });
  const started = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.once('exit', () => resolve(false));
    server.stdout.on('data', (chunk: Buffer) => {
      if (chunk.includes('Ready to accept connections')) resolve(true);
    });
  });
  const remove = (): Promise<void> => rm(dir, { recursive: true, force: true });
  if (!started || server.pid === undefined) {
    await remove();
    return undefined;
  }
  const stop = async (): Promise<void> => {
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill();
    await gone;
    await remove();
  };
  return { port, pid: server.pid, stop };
}

interface Sms {
  readonly id: number;
  readonly to: string;
  readonly body: string;
}

/** A queue of `count` messages. */
export async function fillBullmq(port: number, count: number): Promise<void> {
  const queue = new Queue<Sms>('sms', { connection: { host: '127.0.0.1', port } });
  await queue.obliterate({ force: true });
  for (let from = 0; from < count; from += 5_000) {
    await queue.addBulk(
      Array.from({ length: Math.min(5_000, count - from) }, (_, n) => ({
        name: 'sms',
        data: { id: from + n, to: `+38050${String(from + n).padStart(7, '0')}`, body: '2 березня, ЦНАП: https://opyt.example/AbCdEfGh' },
      })),
    );
  } // prettier-ignore
  await queue.close();
}

/** What most would write first: a BullMQ worker that calls the twilio SDK as it comes. The result stays in Redis. */
export async function runBullmq(port: number, url: string, count: number, inFlight: number): Promise<void> {
  const client = twilio(`AC${'0'.repeat(32)}`, 'x');
  client.api.baseUrl = url;
  let done = 0;
  const send = async ({ data }: { data: Sms }): Promise<string> => {
    const statusCallback = `https://opyt.example/hooks/twilio/status?m=${data.id}`;
    const message = await client.messages.create({ to: data.to, from: '+380500000000', body: data.body, statusCallback });
    return message.sid;
  }; // prettier-ignore
  const worker = new Worker<Sms>('sms', send, {
    connection: { host: '127.0.0.1', port },
    concurrency: inFlight,
  });
  let failed = 0;
  worker.on('completed', () => void done++);
  worker.on('failed', () => void failed++);
  while (done + failed < count) await pause(5);
  await worker.close();
  if (failed > 0) throw new Error(`${failed} messages failed with BullMQ`);
}
