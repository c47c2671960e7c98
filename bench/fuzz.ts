import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withServer } from './door.js';
import { openHouse } from './fuzz/house.js';
import { fuzz } from './fuzz/run.js';

/**
 * Bad input to every door, seeded: `node dist/bench/fuzz.js [--inputs 200000] [--seed 1]`. Prints how each door answered;
 * exit 1 when one answered with a 5xx, a row was lost or changed, or something was logged as an error.
 */
const { values } = parseArgs({
  options: { inputs: { type: 'string', default: '200000' }, seed: { type: 'string', default: '1' } },
});
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const began = performance.now();

// What is in question is which rows there are, not whether they outlive a power cut.
const settings = { fsync: 'off', synchronous_commit: 'off' };
await withServer(async (database, url) => {
  const dir = await mkdtemp(join(tmpdir(), 'vidhuk-fuzz-'));
  const house = await openHouse(database, url);
  const show = (sent: number): void => void process.stderr.write(`\r${sent} sent`);
  const verdict = await fuzz({
    inputs: Number(values.inputs),
    seed: values.seed,
    target: house.target,
    process: house.process,
    dir,
    settle: () => house.close(),
    complaints: house.complaints,
    ...(process.stderr.isTTY ? { onProgress: show } : {}),
  });
  await rm(dir, { recursive: true, force: true });
  for (const [door, statuses] of Object.entries(verdict.doors))
    say(`${door.padEnd(12)} ${JSON.stringify(statuses)}`);
  say(`${'imports'.padEnd(12)} ${JSON.stringify(verdict.imported)}`);
  for (const fault of verdict.faults) say(`FAULT ${fault}`);
  const seconds = Math.round((performance.now() - began) / 1000);
  say(`${verdict.inputs} inputs with seed ${values.seed} in ${seconds} s: ${verdict.faults.length} faults`);
  if (verdict.faults.length > 0) process.exitCode = 1;
}, settings);
