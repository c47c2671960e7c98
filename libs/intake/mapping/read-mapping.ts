import { readFile } from 'node:fs/promises';
import { AppError, reasonOf } from '#kernel/errors';
import { mappingSchema, type Mapping } from './mapping.js';
import { parseYaml } from './yaml-text.js';

/** Reads the mapping file at `path`. Throws AppError `mapping_missing` or `mapping_invalid`. */
export async function readMapping(path: string): Promise<Mapping> {
  const text = await readFile(path, 'utf8').catch((thrown: unknown) => {
    throw new AppError('mapping_missing', `The mapping file ${path} cannot be read: ${reasonOf(thrown)}`);
  });
  return parseMapping(text, path);
}

/**
 * Parses the text of a mapping file; `name` is what messages call it. Throws AppError `mapping_invalid` that lists
 * every problem with its line and column (in `details` as YamlProblem[]).
 */
export function parseMapping(text: string, name: string): Mapping {
  return parseYaml(text, mappingSchema, {
    code: 'mapping_invalid',
    title: `The mapping ${name}`,
    known: Object.keys(mappingSchema.in.shape),
  });
}
