import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SeededRandom } from '#kernel/seeded-random';
import { runVisitsImport, type ImportProcess } from '#intake/visits-import';
import { broken, word } from './words.js';

const MAPPING = `key: fuzz
format: csv
delimiter: ";"
timezone: Europe/Kyiv
defaultCountry: UA
dateFormat: "yyyy-MM-dd HH:mm"
columns: {recordId: id, centre: office, finishedAt: closed, outcome: status, phone: phone}
`;
const ROWS_A_FILE = 400;

/** Files of rows that cannot be read, imported as a user would. Returns how many rows were read; all must be rejected. */
export async function badImports(
  process: ImportProcess,
  dir: string,
  chance: SeededRandom,
  inputs: number,
): Promise<{ read: number; accepted: number; refusedFiles: number }> {
  const mapping = join(dir, 'fuzz.yaml');
  await writeFile(mapping, MAPPING);
  const total = { read: 0, accepted: 0, refusedFiles: 0 };
  for (let left = inputs; left > 0; left -= ROWS_A_FILE) {
    const file = join(dir, 'fuzz.csv');
    await writeFile(file, badFile(chance, Math.min(left, ROWS_A_FILE)));
    const options = { file, stdin: emptyInput(), source: 'fuzz', mapping, dryRun: false };
    try {
      const { read, accepted } = await runVisitsImport(process, options);
      total.read += read;
      total.accepted += accepted;
    } catch (thrown) {
      // A file whose heading cannot be read is refused as a whole, in words.
      if ((thrown as { exitCode?: number }).exitCode === undefined) throw thrown;
      total.refusedFiles++;
    }
  }
  return total;
}

function badFile(chance: SeededRandom, rows: number): Buffer {
  const lines = Array.from({ length: rows }, (_, i) => `${i};${word(chance)};never ${word(chance)};${word(chance)};${word(chance)}`); // prettier-ignore
  const text = `id;office;closed;status;phone\n${lines.join('\n')}\n`;
  return chance.chance(0.2) ? broken(chance, text) : Buffer.from(text);
}

async function* emptyInput(): AsyncGenerator<never> {}
