import { describe, expect, test } from '@jest/globals';
import { seededRandom, type SeededRandom } from '#kernel/seeded-random';
import { watchForDrop, type Week } from './drop-detection.js';

function series(random: SeededRandom, shares: readonly number[], n: number): Week[] {
  return shares.map((share, place) => {
    const cases = Math.round(n * (0.6 + 0.8 * random.next()));
    const hits = Array.from({ length: cases }, () => random.chance(share)).filter(Boolean).length;
    return { week: `2026-W${String(place + 1).padStart(2, '0')}`, n: cases, hits };
  });
}
const steady = (share: number, weeks: number): number[] => Array.from({ length: weeks }, () => share);

describe('a drop', () => {
  test.each([
    ['satisfied visitors, many a week', 0.95, 90],
    ['satisfied visitors, fewer a week', 0.9, 45],
    ['response rate', 0.12, 200],
  ])('is not cried in more than 5 of 100 steady series: %s', (name, share, n) => {
    const random = seededRandom(name);
    let [alarms, watched] = [0, 0];
    for (let run = 0; run < 60; run++) {
      const watch = watchForDrop(series(random, steady(share, 26), n));
      if (!watch) continue;
      watched++;
      if (watch.since !== null) alarms++;
    }
    expect(watched).toBeGreaterThan(50);
    // 5 % of 60 is 3; more than 9 would happen once in a thousand times.
    expect(alarms).toBeLessThanOrEqual(9);
  });

  test('is found, with the week it began about', () => {
    const random = seededRandom('a drop');
    const found = Array.from({ length: 20 }, () =>
      watchForDrop(series(random, [...steady(0.95, 14), ...steady(0.88, 12)], 80)),
    ).filter((watch) => watch?.since);
    expect(found.length).toBeGreaterThanOrEqual(18);
    const near = found.filter((watch) => Math.abs(Number(watch?.since?.slice(-2)) - 15) <= 3);
    expect(near.length).toBeGreaterThanOrEqual(14);
  });

  test('a rise is no drop, and weeks without cases change nothing', () => {
    const random = seededRandom('a rise');
    const weeks = series(random, [...steady(0.8, 12), ...steady(0.95, 8)], 60);
    const gaps = weeks.flatMap((week) => [week, { week: `${week.week}b`, n: 0, hits: 0 }]);
    expect(watchForDrop(weeks)?.since).toBeNull();
    const watch = watchForDrop(gaps);
    expect(watch?.since).toBeNull();
    expect(watch?.weeks.some((week) => week.n === 0 && week.share === null)).toBe(true);
  });

  test.each<[string, Week[]]>([
    ['too few weeks', series(seededRandom('short'), steady(0.9, 6), 50)],
    ['too few cases', series(seededRandom('few'), steady(0.9, 12), 15)],
    ['a reference without any miss', steady(1, 12).map((_, i) => ({ week: `w${i}`, n: 20, hits: 20 }))],
  ])('cannot be looked for with %s', (_, weeks) => expect(watchForDrop(weeks)).toBeNull());

  test('the same series gives the same answer', () => {
    const weeks = series(seededRandom('again'), steady(0.9, 20), 40);
    expect(watchForDrop(weeks)).toEqual(watchForDrop(weeks));
  });
});
