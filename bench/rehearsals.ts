import { parseArgs } from 'node:util';
import { seededRandom } from '#kernel/seeded-random';
import { watchForDrop } from '#reporting/drop-detection';
import { Builders } from '#testkit/builders';
import { REHEARSED_QUESTIONS } from '#testkit/made-up-behaviour';
import { rehearsalRun } from '#testkit/rehearsal';
import { withServer } from './door.js';

/**
 * Seeded rehearsals: made-up people whose true rates are known go through the same tables and reports as real ones, and
 * every figure must hold its truth inside its 95 % interval in at least 93 of 100 runs. Then steady weekly series, of which
 * at most 5 in 100 may raise an alarm: `node dist/bench/rehearsals.js [--runs 100] [--visits 800] [--series 300]`.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100' },
    visits: { type: 'string', default: '800' },
    series: { type: 'string', default: '300' },
  },
});
const runs = Number(values.runs);

await withServer(async (database) => {
  const build = new Builders(database);
  const campaign = await build.campaign('rehearsed', REHEARSED_QUESTIONS);
  const held: Record<string, number> = {};
  for (let run = 0; run < runs; run++) {
    const found = await rehearsalRun(database, build, campaign, run, Number(values.visits));
    for (const [name, inside] of Object.entries(found)) held[name] = (held[name] ?? 0) + Number(inside);
  }
  for (const [name, count] of Object.entries(held)) {
    process.stdout.write(`${name.padEnd(22)} held in ${count} of ${runs} runs\n`);
    if (count < 0.93 * runs) process.exitCode = 1;
  }
});

const random = seededRandom('steady');
for (const [name, share, n] of [['satisfied, many', 0.95, 80], ['satisfied, fewer', 0.9, 45], ['response rate', 0.12, 150]] as const) {
  let alarms = 0;
  for (let series = 0; series < Number(values.series); series++) {
    const weeks = Array.from({ length: 26 }, (_, week) => {
      const cases = Math.round(n * (0.6 + 0.8 * random.next()));
      const hits = Array.from({ length: cases }, () => random.chance(share)).filter(Boolean).length;
      return { week: String(week), n: cases, hits };
    });
    if (watchForDrop(weeks)?.since) alarms++;
  }
  process.stdout.write(`${name.padEnd(22)} ${alarms} false alarms in ${values.series} steady series of 26 weeks\n`);
} // prettier-ignore
