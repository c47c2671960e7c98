import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { FATES, OutboxWorld, WORKERS } from './testing/outbox-world.js';

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.drop());

interface Step {
  readonly name: string;
  readonly run: (world: OutboxWorld) => Promise<void> | void;
}

const worker = fc.nat(WORKERS - 1);
const anyone = fc.nat(9);

const steps: { weight: number; arbitrary: fc.Arbitrary<Step> }[] = [
  { weight: 5, arbitrary: worker.map((w) => ({ name: `w${w} claims`, run: (world) => world.claim(w) })) },
  {
    weight: 7,
    arbitrary: fc.tuple(worker, fc.constantFrom(...FATES), fc.boolean()).map(([w, fate, arrives]) => ({
      name: `w${w} sends, the carrier ${fate}, it ${arrives ? 'arrives' : 'does not arrive'}`,
      run: (world) => world.send(w, fate, arrives),
    })),
  },
  { weight: 5, arbitrary: worker.map((w) => ({ name: `w${w} settles`, run: (world) => world.settle(w) })) },
  { weight: 1, arbitrary: worker.map((w) => ({ name: `w${w} dies`, run: (world) => world.crash(w) })) },
  {
    weight: 4,
    arbitrary: fc.tuple(anyone, fc.nat(2), fc.boolean()).map(([which, step, applied]) => ({
      name: `receipt ${step} of ${which} is stored${applied ? ' and applied' : ''}`,
      run: (world) => world.receipt(which, step, applied),
    })),
  },
  {
    weight: 1,
    arbitrary: anyone.map((which) => ({ name: `${which} says STOP`, run: (world) => world.stop(which) })),
  },
  {
    weight: 1,
    arbitrary: anyone.map((which) => ({ name: `${which} answers`, run: (world) => world.answer(which) })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(anyone, fc.boolean()).map(([which, right]) => ({
      name: `an operator decides about ${which}, ${right ? 'rightly' : 'wrongly'}`,
      run: (world) => world.decide(which, right),
    })),
  },
  { weight: 3, arbitrary: fc.constant({ name: 'upkeep', run: (world: OutboxWorld) => world.upkeep() }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(10, 70, 150, 900, 7_300, 30_000, 90_000).map((s) => ({
      name: `${s} s pass`,
      run: (world) => world.clock.advance(s * 1000),
    })),
  },
];

/** On a busy machine fewer runs are made, not none. */
const ENOUGH_MS = 40_000;

test('whatever happens in whatever order, nothing is sent twice, backwards, at night, after a STOP, or lost', async () => {
  const began = performance.now();
  const onUncertain = fc.constantFrom('resend' as const, 'abandon' as const);
  const course = fc.array(fc.oneof(...steps), { minLength: 10, maxLength: 80 });
  await fc.assert(
    fc.asyncProperty(onUncertain, course, async (policy, chosen) => {
      if (performance.now() - began > ENOUGH_MS) return;
      const world = await OutboxWorld.open(t.db, policy);
      for (const { name, run } of chosen) {
        await run(world);
        await world.check(name);
      }
      await world.drain();
    }),
    { numRuns: 60 },
  );
  expect.hasAssertions();
}, 180_000);

test('after operators who sent again what had been taken, the failure of a first try does not fail the second', async () => {
  const world = await OutboxWorld.open(t.db, 'abandon');
  const step = async (name: string, work: () => Promise<void> | void): Promise<void> => {
    await work();
    await world.check(name);
  };
  const people = [0, 1, 2, 3];
  const sendAll = async (fate: 'accepts' | 'accepts, answer lost', arrives: boolean): Promise<void> => {
    await step('claim', () => world.claim(0));
    for (const one of people) await step(`send ${one}`, () => world.send(0, fate, arrives));
    await step('settle', () => world.settle(0));
  };
  await sendAll('accepts, answer lost', false);
  for (const one of people) await step(`decide about ${one}`, () => world.decide(0, false));
  await sendAll('accepts', true);
  for (const first of people)
    await step(`receipt of ${first}'s first try`, () => world.receipt(first, 1, true));
  await world.drain();
}, 60_000);
