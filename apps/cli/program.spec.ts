import { expect, test } from '@jest/globals';
import type { Context } from './context.js';
import { buildProgram } from './program.js';

async function* nothing(): AsyncGenerator<never> {
  // no input
}
const context: Context = {
  env: {},
  out: () => undefined,
  write: () => Promise.resolve(),
  err: () => undefined,
  stdin: nothing(),
  interactive: false,
};
const names = async (first?: string): Promise<string[]> =>
  (await buildProgram(context, first)).commands.map((command) => command.name());

test('every command is found by its own name, without the others being loaded', async () => {
  const all = await names();
  expect(all).toEqual(
    expect.arrayContaining(['up', 'worker', 'visits', 'simulate', 'report', 'aapor', 'erase']),
  );
  for (const name of all) {
    const own = await names(name);
    expect(own).toContain(name);
    expect(own.length).toBeLessThan(all.length);
  }
});

test('an unknown word gets the whole command line, which can say what there is', async () => {
  expect(await names('visit')).toEqual(await names());
});
