import { describe, expect, test } from '@jest/globals';
import { parseClockSpec, SteppedClock, systemClock, virtualClock } from './clock.js';

describe('the text of a virtual clock', () => {
  test.each([
    ['2020-01-13T08:00:00+01:00@60', '2020-01-13T07:00:00.000Z', 60],
    ['2020-01-13T08:00Z@0.5', '2020-01-13T08:00:00.000Z', 0.5],
    ['2020-01-13T08:00:00Z', '2020-01-13T08:00:00.000Z', 1],
  ])('%s', (text, start, speed) => {
    expect(parseClockSpec(text)).toEqual({ start: new Date(start), speed });
  });

  test.each([
    '',
    'tomorrow',
    '2020-01-13T08:00:00',
    '2020-13-13T08:00:00Z@60',
    '2020-01-13T08:00:00Z@0',
    '@60',
  ])('refuses %p', (text) => {
    expect(parseClockSpec(text)).toBeUndefined();
  });
});

describe('a virtual clock', () => {
  const anchor = new Date('2026-01-01T00:00:00Z');
  const spec = { start: new Date('2020-01-13T08:00:00Z'), speed: 60 };

  test('runs at its speed from its start, while real time stays real', () => {
    const clock = virtualClock(spec, anchor, () => anchor.getTime() + 90_000);
    expect(clock.now()).toEqual(new Date('2020-01-13T09:30:00Z'));
    expect(clock.real()).toEqual(new Date('2026-01-01T00:01:30Z'));
  });

  test('turns a real wait into civil time', () => {
    const clock = virtualClock(spec, anchor, () => anchor.getTime());
    expect(clock.after(1000)).toEqual(new Date('2020-01-13T08:01:00Z'));
  });

  test('two processes with one anchor agree', () => {
    const real = (): number => anchor.getTime() + 12_345;
    expect(virtualClock(spec, anchor, real).now()).toEqual(virtualClock(spec, anchor, real).now());
  });
});

test('a stepped clock moves only when told', () => {
  const clock = new SteppedClock(new Date('2020-01-13T08:00:00Z'));
  clock.advance(60_000);
  expect(clock.now()).toEqual(new Date('2020-01-13T08:01:00Z'));
  expect(clock.after(1000)).toEqual(new Date('2020-01-13T08:01:01Z'));
  clock.set(new Date('2021-01-01T00:00:00Z'));
  expect(clock.real()).toEqual(new Date('2021-01-01T00:00:00Z'));
});

test('the system clock waits in real time', () => {
  const before = systemClock.now().getTime();
  expect(systemClock.after(1000).getTime()).toBeGreaterThanOrEqual(before + 1000);
  expect(systemClock.real().getTime()).toBeGreaterThanOrEqual(before);
});
