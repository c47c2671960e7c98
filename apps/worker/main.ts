import 'reflect-metadata';
import { hostname } from 'node:os';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { buildChannels, closeChannels, senderRowsOf } from '#channels/registry';
import { Dispatcher } from '#dispatch/dispatcher';
import { senderSync } from '#dispatch/sender.sql';
import { reasonOf } from '#kernel/errors';
import { randomHex } from '#kernel/ids';
import type { RunningProcess } from '#store/process';
import { factories } from './channels.js';
import { Rounds } from './rounds.js';
import { SendersTicker } from './senders.ticker.js';
import { WorkerModule } from './worker.module.js';

/** Ten seconds from SIGTERM to the end: what a carrier has not answered by then stays uncertain. */
const FINISH_MS = 6_000;

/**
 * Starts a worker: writes its senders into the database, begins the tickers, serves /metrics, /healthz and /readyz
 * on VIDHUK_METRICS_PORT, or on a free port when another worker has that one. `close` claims no more, finishes
 * what is in flight and settles it.
 */
export async function start(running: RunningProcess): Promise<{ url: string; close(): Promise<void> }> {
  const { clock, database, environment, log } = running;
  const channels = buildChannels(environment, factories);
  if (channels.size === 0)
    log.warn({ event: 'no_senders' }, 'no carrier is configured: nothing will be sent');
  await senderSync(database, senderRowsOf(channels), clock.now());
  const publicUrl = environment.publicUrl ?? `http://127.0.0.1:${environment.ports.gateway}`;
  const worker = `${hostname()}:${randomHex(4)}`;
  const app = await NestFactory.create<NestFastifyApplication>(
    WorkerModule.of(running, { channels, publicUrl, worker }),
    new FastifyAdapter({ forceCloseConnections: true }),
    { logger: false, abortOnError: false },
  );
  const url = await listen(app, environment.ports.metrics, running);
  log.info({ event: 'worker_started', worker, senders: [...channels.keys()], url });
  void app.get(SendersTicker).register();
  const close = async (): Promise<void> => {
    const rounds = app.get(Rounds).stop();
    await app
      .get(Dispatcher)
      .stop(AbortSignal.timeout(FINISH_MS))
      // Without the database nothing can be settled: the leases end, and another worker looks into it.
      .catch((thrown: unknown) => log.error({ event: 'stop_unsettled', reason: reasonOf(thrown) }));
    await rounds;
    await app.close();
    await closeChannels(channels);
  };
  return { url, close };
}

async function listen(app: NestFastifyApplication, port: number, { log }: RunningProcess): Promise<string> {
  try {
    await app.listen(port, '0.0.0.0');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw thrown;
    await app.listen(0, '0.0.0.0');
    log.warn(
      { event: 'metrics_port_taken', port },
      'another program has VIDHUK_METRICS_PORT; metrics are on a free one',
    );
  }
  return `http://127.0.0.1:${new URL(await app.getUrl()).port}`;
}
