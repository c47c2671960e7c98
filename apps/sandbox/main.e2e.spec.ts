import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseEnvironment } from '#config/environment';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { start } from './main.js';

const START = '2020-01-13T08:00:00+01:00';
const DAY_MS = 86_400_000;

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.drop());

const environment = (more: Record<string, string> = {}) =>
  parseEnvironment({ VIDHUK_SANDBOX_PORT: '0', VIDHUK_LOG_LEVEL: 'silent', ...more });

async function stateOf(url: string): Promise<{ now: number; phones: number }> {
  const { now, phones } = (await (await fetch(`${url}/api/counts`)).json()) as {
    now: string;
    phones: number;
  };
  return { now: Date.parse(now), phones };
}

test('a process of its own starts, is alive and ready, and stops', async () => {
  const running = await start(environment(), { visitors: true, ownNumber: '050 000 00 77' });
  for (const path of ['/healthz', '/readyz', '/']) expect((await fetch(running.url + path)).status).toBe(200);
  expect(await (await fetch(`${running.url}/api/visitors`)).json()).toMatchObject({ on: true });
  expect(await (await fetch(`${running.url}/api/phones/+380500000077`)).json()).toMatchObject({
    messages: 0,
  });
  await running.close();
  await expect(fetch(running.url)).rejects.toThrow();
});

test('a virtual clock goes by when it began for the other processes', async () => {
  const began = new Date(Date.parse('2026-01-01T00:00:00Z'));
  await t.db.query('insert into clock_anchor (start_at, speed, real_at) values ($1, 60, $2)', [START, began]);
  const clock = { VIDHUK_CLOCK: `${START}@60` };
  const joined = await start(environment({ ...clock, DATABASE_URL: t.url, VIDHUK_SECRET_KEY: Buffer.alloc(32).toString('base64') })); // prettier-ignore
  const alone = await start(environment(clock));
  // Real time since then is months: sixty times as long by this clock.
  expect((await stateOf(joined.url)).now - Date.parse(START)).toBeGreaterThan(60 * DAY_MS);
  expect((await stateOf(alone.url)).now - Date.parse(START)).toBeLessThan(DAY_MS);
  await Promise.all([joined.close(), alone.close()]);
});

test('an address of the gateway on another machine is refused', async () => {
  await expect(start(environment({ VIDHUK_PUBLIC_URL: 'https://vidhuk.example.org' }))).rejects.toMatchObject(
    {
      code: 'sandbox_target_refused',
    },
  );
});
