import { describe, expect, test } from '@jest/globals';
import { SteppedClock } from '#kernel/clock';
import { Limits } from './limits.js';

function limits(limit: Parameters<Limits['set']>[1]) {
  const clock = new SteppedClock(new Date('2026-01-13T08:00:00Z'));
  const all = new Limits(clock);
  all.set('twilio', limit);
  const ask = (): boolean => {
    const welcome = all.enter('twilio');
    all.leave('twilio');
    return welcome;
  };
  return { clock, all, ask };
}

describe('a carrier takes', () => {
  test('so many requests a second, counted over any second', () => {
    const { clock, ask } = limits({ perSecond: 2 });
    expect([ask(), ask(), ask()]).toEqual([true, true, false]);
    clock.advance(999);
    expect(ask()).toBe(false);
    clock.advance(1);
    expect([ask(), ask(), ask()]).toEqual([true, true, false]);
  });

  test('so many requests at a time', () => {
    const { all } = limits({ concurrent: 2 });
    expect([all.enter('twilio'), all.enter('twilio'), all.enter('twilio')]).toEqual([true, true, false]);
    all.leave('twilio');
    expect(all.enter('twilio')).toBe(false);
    all.leave('twilio');
    all.leave('twilio');
    expect(all.enter('twilio')).toBe(true);
  });

  test('what it likes when there is no limit, or one for another carrier', () => {
    const { all, ask } = limits({});
    all.set('viber', { perSecond: 1 });
    expect(Array.from({ length: 50 }, ask)).not.toContain(false);
    expect([all.enter('viber'), all.enter('viber')]).toEqual([true, false]);
  });

  test('everything again after the limits are cleared', () => {
    const { all, ask } = limits({ perSecond: 1 });
    expect([ask(), ask()]).toEqual([true, false]);
    all.clear();
    expect(ask()).toBe(true);
  });
});
