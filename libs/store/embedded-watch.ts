import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { aborted, within } from '#kernel/deadline';
import { reasonOf } from '#kernel/errors';
import { startEmbedded } from './embedded.js';

/** Real time between a death and the next start, and between starts that fail: a disk that is full stays so for a while. */
const AGAIN_MS = [200, 1_000, 5_000, 15_000];
/** A server that hangs does not say goodbye. */
const GOODBYE_MS = 1_000;

/**
 * Starts the embedded server of `dataDir` again whenever it dies, on the port of `url`: other processes know it by that
 * address. It is held by a connection, whose end tells of the death at once. `notice` is told what happened. Returns
 * what ends the watch, and takes back a start that is under way; call it before the server is stopped on purpose.
 */
export function watchEmbedded(
  dataDir: string,
  url: string,
  notice: (text: string) => void,
): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const watching = (async () => {
    for (let tries = 0; !signal.aborted;) {
      if (await hold(url, signal)) tries = 0;
      if (signal.aborted) return;
      const pause = AGAIN_MS[Math.min(tries++, AGAIN_MS.length - 1)];
      await delay(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await revive(dataDir, url, signal, notice);
    }
  })();
  return async () => {
    stopping.abort();
    await watching;
  };
}

async function revive(
  dataDir: string,
  url: string,
  signal: AbortSignal,
  notice: (text: string) => void,
): Promise<void> {
  try {
    const { started } = await startEmbedded(dataDir, { port: Number(new URL(url).port), signal });
    if (started) notice('PostgreSQL stopped; it was started again');
  } catch (thrown) {
    if (signal.aborted) return;
    notice(`PostgreSQL stopped and does not start: ${reasonOf(thrown)}; trying again`);
  }
}

/** Resolves when the connection has ended: to whether there was one at all. */
async function hold(url: string, signal: AbortSignal): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, application_name: 'vidhuk watch', connectionTimeoutMillis: 10_000 }); // prettier-ignore
  const ended = new Promise<void>((resolve) => {
    client.once('error', () => resolve());
    client.once('end', () => resolve());
    void aborted(signal).then(resolve);
  });
  try {
    await Promise.race([client.connect(), aborted(signal)]);
    await ended;
    return true;
  } catch {
    return false;
  } finally {
    client.on('error', () => undefined); // what it says while it is closed is of no interest
    await within(GOODBYE_MS, client.end()).catch(() => undefined);
  }
}
