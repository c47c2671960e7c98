import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { senderPause, senderStop } from '#dispatch/sender.sql';
import { testConsole, type TestConsole } from '../testing/console.js';

const NOW = new Date('2026-03-02T12:00:00Z');
let c: TestConsole;

beforeAll(async () => {
  c = await testConsole(NOW);
});
beforeEach(async () => {
  await c.running.database.query('delete from sender');
  await c.running.database.query(
    `insert into sender (key, kind, channel, addressing, two_way, enabled, priority, updated_at)
     values ('twilio', 'twilio', 'sms', 'phone', true, true, 1, $1), ('old', 'turbosms', 'sms', 'phone', false, false, 2, $1)`,
    [NOW],
  );
});
afterAll(() => c.close());

const db = (): TestConsole['running']['database'] => c.running.database;
const real = (ms: number): Date => new Date(c.running.clock.real().getTime() + ms);
async function listed(): Promise<Record<string, unknown>[]> {
  const answer = await c.as('analyst', '/api/v1/senders');
  return ((await answer.json()) as { items: Record<string, unknown>[] }).items;
}
const patch = (body: object, key = 'twilio', role: 'admin' | 'operator' = 'admin'): Promise<Response> =>
  c.as(role, `/api/v1/senders/${key}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test('a sender is running, paused, stopped or off, and says why', async () => {
  expect(await listed()).toMatchObject([{ key: 'twilio', state: 'running', pausedUntil: null }, { key: 'old', state: 'off' }]);
  const until = real(60_000);
  await senderPause(db(), 'twilio', until, NOW);
  expect((await listed())[0]).toMatchObject({ state: 'paused', pausedUntil: until.toISOString() });
  await senderPause(db(), 'twilio', real(-1_000), NOW);
  expect((await listed())[0]).toMatchObject({ state: 'running', pausedUntil: null });
  await senderStop(db(), 'twilio', 'authentication failed', NOW);
  expect((await listed())[0]).toMatchObject({ state: 'stopped', stoppedReason: 'authentication failed' });
}); // prettier-ignore

describe('limits', () => {
  test('are set and lifted, each on its own, and the change is recorded', async () => {
    expect(await (await patch({ partsPerSecond: 10 })).json()).toMatchObject({ partsPerSecond: 10, maxInFlight: null });
    expect(await (await patch({ maxInFlight: 20 })).json()).toMatchObject({ partsPerSecond: 10, maxInFlight: 20 });
    expect(await (await patch({ partsPerSecond: null })).json()).toMatchObject({ partsPerSecond: null, maxInFlight: 20 });
    const { rows } = await db().query(
      `select after from audit_entry where action = 'sender.limited' and subject_id = 'twilio' order by id`,
    );
    expect(rows).toEqual([
      { after: { partsPerSecond: 10, maxInFlight: null } },
      { after: { partsPerSecond: 10, maxInFlight: 20 } },
      { after: { partsPerSecond: null, maxInFlight: 20 } },
    ]);
  }); // prettier-ignore

  test.each<[string, object, string, 'admin' | 'operator', number]>([
    ['a rate of nothing', { partsPerSecond: 0 }, 'twilio', 'admin', 400],
    ['a share of a message', { maxInFlight: 1.5 }, 'twilio', 'admin', 400],
    ['another field', { enabled: false }, 'twilio', 'admin', 400],
    ['a sender that is none', { maxInFlight: 1 }, 'nobody', 'admin', 404],
    ['an operator', { maxInFlight: 1 }, 'twilio', 'operator', 403],
  ])('are refused: %s', async (_, body, key, role, status) => {
    expect((await patch(body, key, role)).status).toBe(status);
    expect((await listed())[0]).toMatchObject({ partsPerSecond: null, maxInFlight: null });
  });
});
