import { expect, test } from '@jest/globals';
import type { FactApplier } from '#replies/fact-applier';
import { GatewayMetrics } from '../metrics.js';
import { FactFollower } from './fact-follower.js';

/** An applier that remembers its batches, says that every fact named "bad" failed, and can lose its database. */
function follower(): { follower: FactFollower; batches: string[][]; metrics: GatewayMetrics } {
  const batches: string[][] = [];
  const applier = {
    apply: (ids: readonly string[]) => {
      batches.push([...ids]);
      if (ids.includes('no database')) return Promise.reject(new Error('connection refused'));
      const failed = ids.filter((id) => id === 'bad').length;
      return Promise.resolve({ applied: ids.length - failed, waiting: 0, unmatched: 0, failed });
    },
  } as Partial<FactApplier> as FactApplier;
  const metrics = new GatewayMetrics();
  return { follower: new FactFollower(applier, metrics), batches, metrics };
}

const left = async (metrics: GatewayMetrics): Promise<Record<string, number>> => {
  const { values } = await metrics.unapplied.get();
  return Object.fromEntries(values.map(({ labels, value }) => [String(labels.why), value]));
};

test('what arrives together is applied together, in order', async () => {
  const { follower: one, batches } = follower();
  one.follow(['1', '2']);
  one.follow(['3']);
  await one.idle();
  expect(batches).toEqual([['1', '2', '3']]);
  one.follow(['4']);
  await one.idle();
  expect(batches).toEqual([['1', '2', '3'], ['4']]);
});

test('a flood is cut into batches, and what does not fit is left to the worker and counted', async () => {
  const { follower: one, batches, metrics } = follower();
  one.follow(Array.from({ length: 50_100 }, (_, i) => String(i)));
  await one.idle();
  expect(batches.map((ids) => ids.length)).toEqual(Array.from({ length: 50 }, () => 1000));
  expect(await left(metrics)).toEqual({ flood: 100 });
});

test('facts that could not be applied are counted', async () => {
  const { follower: one, metrics } = follower();
  one.follow(['1', 'bad']);
  await one.idle();
  expect(await left(metrics)).toEqual({ error: 1 });
});

test('a database that is away costs no more than a count, and the next facts are applied', async () => {
  const { follower: one, batches, metrics } = follower();
  one.follow(['1', 'no database', '3']);
  await one.idle();
  one.follow(['4']);
  await one.idle();
  expect(await left(metrics)).toEqual({ error: 3 });
  expect(batches.at(-1)).toEqual(['4']);
});
