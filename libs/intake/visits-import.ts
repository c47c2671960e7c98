import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Vault } from '#contacts/vault';
import type { Clock } from '#kernel/clock';
import type { Secrets } from '#kernel/sealing-key';
import { AppError, reasonOf } from '#kernel/errors';
import type { Database } from '#store/database';
import { readMapping } from './mapping/read-mapping.js';
import { RejectsFile } from './rejects-file.js';
import type { IntakeSummary } from './tally.js';
import { VisitIntake } from './visit-intake.js';

/** The parts of a running process that an import needs. */
export interface ImportProcess {
  readonly database: Database;
  readonly clock: Clock;
  readonly secretKey: Secrets;
}

export interface VisitsImport {
  /** Path of the file, or `-` for `stdin`. */
  readonly file: string;
  readonly stdin?: AsyncIterable<unknown>;
  /** Key of the source the records belong to; the mapping's own key when absent. */
  readonly source?: string;
  /** Path of the mapping file. */
  readonly mapping: string;
  readonly dryRun?: boolean;
  /** Path of the file to write rejected rows to. */
  readonly rejects?: string;
  readonly onProgress?: (summary: IntakeSummary) => void;
}

/**
 * Percent by which the heap may outgrow what is alive before it is swept. Node's own choice on a machine with much
 * memory is fourfold, which took an import of 40 MB alive to 270 MB; this costs about a tenth more processor time.
 */
const HEAP_GROWTH_PERCENT = 60;

/**
 * `vidhuk visits import`: reads the mapping and the file and stores what it says. Throws an AppError that names the
 * file when one of them is missing, unreadable or does not fit.
 */
export async function runVisitsImport(process: ImportProcess, options: VisitsImport): Promise<IntakeSummary> {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
  const mapping = await readMapping(options.mapping);
  const stream = await openInput(options);
  const intake = new VisitIntake(process.database, new Vault(process.secretKey), process.clock);
  await requireOtherFile(options);
  const rejects = options.rejects === undefined ? undefined : new RejectsFile(options.rejects, mapping);
  try {
    return await intake.importStream({
      source: options.source ?? mapping.key,
      mapping,
      stream,
      name: options.file === '-' ? 'stdin' : basename(options.file),
      dryRun: options.dryRun ?? false,
      ...(rejects && { onHeader: (header) => rejects.header(header), onReject: (row) => rejects.add(row) }),
      ...(options.onProgress && { onProgress: options.onProgress }),
    });
  } finally {
    await rejects?.close();
  }
}

/** Writing the rejects over their own input would lose the rows that were mended there. */
async function requireOtherFile({ file, rejects }: VisitsImport): Promise<void> {
  if (rejects === undefined || file === '-') return;
  const [input, output] = await Promise.all([stat(file), stat(rejects).catch(() => undefined)]);
  if (output && input.dev === output.dev && input.ino === output.ino) {
    throw new AppError(
      'rejects_is_input',
      `The rejects would overwrite the input ${file}: name another file.`,
    );
  }
}

async function openInput({ file, stdin }: VisitsImport): Promise<AsyncIterable<unknown>> {
  if (file === '-') {
    if (!stdin) throw new AppError('input_missing', 'There is no standard input to read from.');
    return stdin;
  }
  const found = await stat(file).catch((thrown: unknown) => {
    throw new AppError('input_missing', `The file ${file} cannot be read: ${reasonOf(thrown)}`);
  });
  if (found.isDirectory()) throw new AppError('input_missing', `${file} is a folder, not a file.`);
  return createReadStream(file);
}
