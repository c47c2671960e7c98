import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SteppedClock } from '#kernel/clock';
import { Agenda } from './agenda.js';

const START = new Date('2026-01-13T08:00:00Z');

function agenda() {
  const clock = new SteppedClock(START);
  const failures: unknown[] = [];
  return { clock, failures, plan: new Agenda(clock, (thrown) => failures.push(thrown)) };
}

test('what is due runs by time, and at equal times in the order it was planned', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(20), { maxLength: 60 }), async (delays) => {
      const { clock, plan } = agenda();
      const ran: number[] = [];
      delays.forEach((delay, i) => plan.in(delay, () => void ran.push(i)));
      clock.advance(20);
      expect(await plan.runDue()).toBe(delays.length);
      const expected = delays
        .map((delay, i) => ({ delay, i }))
        .sort((a, b) => a.delay - b.delay || a.i - b.i);
      expect(ran).toEqual(expected.map(({ i }) => i));
    }),
    { numRuns: 50 },
  );
});

test('nothing runs before its time, and nothing twice', async () => {
  const { clock, plan } = agenda();
  let runs = 0;
  plan.in(1000, () => void runs++);
  clock.advance(999);
  expect(await plan.runDue()).toBe(0);
  clock.advance(1);
  expect(await plan.runDue()).toBe(1);
  expect(await plan.runDue()).toBe(0);
  expect(runs).toBe(1);
});

test('what becomes due by what ran is run as well, and waited for', async () => {
  const { plan } = agenda();
  const ran: string[] = [];
  plan.in(0, async () => {
    await Promise.resolve();
    ran.push('first');
    plan.in(0, () => void ran.push('second'));
  });
  expect(await plan.runDue()).toBe(2);
  expect(ran).toEqual(['first', 'second']);
});

test('work that throws is reported and does not stop the rest', async () => {
  const { plan, failures } = agenda();
  let ran = false;
  plan.in(0, () => {
    throw new Error('broken');
  });
  plan.in(0, () => void (ran = true));
  await plan.runDue();
  expect(failures).toEqual([new Error('broken')]);
  expect(ran).toBe(true);
});

test('a stopped agenda forgets what was planned', async () => {
  const { clock, plan } = agenda();
  plan.in(10, () => {
    throw new Error('must not run');
  });
  await plan.stop();
  clock.advance(10);
  expect(await plan.runDue()).toBe(0);
  expect(plan.size).toBe(0);
});
