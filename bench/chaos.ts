import { parseArgs } from 'node:util';
import { runChaos } from './chaos/run.js';

/**
 * Messages sent once while everything fails: workers, gateway and PostgreSQL killed with SIGKILL at random, every
 * fault of the sandbox's carriers at once. Counts at the carriers; exits 1 when any count of the verdict is wrong.
 * `node dist/bench/chaos.js [--visits 20000] [--kills 60] [--fault-rate 0.05] [--minutes 20] [--seed chaos]`.
 * For 100,000 messages in half an hour: `--visits 57000 --messages 100000 --kills 210 --minutes 45 --from 06:00 --to 23:00
 * --every-day`, as nights of waiting show less than messages do.
 */
const { values } = parseArgs({
  options: {
    visits: { type: 'string', default: '20000' },
    kills: { type: 'string', default: '60' },
    'in-viber': { type: 'string', default: '1000' },
    'fault-rate': { type: 'string', default: '0.05' },
    concurrency: { type: 'string', default: '64' },
    minutes: { type: 'string', default: '20' },
    messages: { type: 'string', default: '0' },
    speed: { type: 'string', default: '240' },
    from: { type: 'string', default: '09:00' },
    to: { type: 'string', default: '20:00' },
    'every-day': { type: 'boolean', default: false },
    seed: { type: 'string', default: 'chaos' },
  },
});
const result = await runChaos({
  visits: Number(values.visits),
  inViber: Number(values['in-viber']),
  kills: Number(values.kills),
  faultRate: Number(values['fault-rate']),
  concurrency: Number(values.concurrency),
  startsAt: '12:00',
  speed: Number(values.speed),
  hours: { from: values.from, to: values.to, everyDay: values['every-day'] },
  messages: Number(values.messages),
  atMostMs: Number(values.minutes) * 60_000,
  seed: values.seed,
  tell: (text) => void process.stdout.write(`${text}\n`),
});
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
process.exit(Object.values(result.wrong).every((count) => count === 0) ? 0 : 1);
