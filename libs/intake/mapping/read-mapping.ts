import { readFile } from 'node:fs/promises';
import { LineCounter, isMap, isPair, isScalar, parseDocument, type Document } from 'yaml';
import { AppError, reasonOf } from '#kernel/errors';
import { mappingSchema, type Mapping } from './mapping.js';

export interface MappingProblem {
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
  readonly problem: string;
}

/** Reads the mapping file at `path`. Throws AppError `mapping_missing` or `mapping_invalid`. */
export async function readMapping(path: string): Promise<Mapping> {
  const text = await readFile(path, 'utf8').catch((thrown: unknown) => {
    throw new AppError('mapping_missing', `The mapping file ${path} cannot be read: ${reasonOf(thrown)}`);
  });
  return parseMapping(text, path);
}

/**
 * Parses the text of a mapping file; `name` is what messages call it. Throws AppError `mapping_invalid` that lists
 * every problem with its line and column (in `details` as MappingProblem[]).
 */
export function parseMapping(text: string, name: string): Mapping {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number | undefined): { line: number; column: number } => {
    const position = lines.linePos(offset ?? 0);
    return { line: Math.max(1, position.line), column: Math.max(1, position.col) };
  };
  const broken = document.errors.map((error) => ({ ...at(error.pos[0]), problem: error.message }));
  if (broken.length > 0) throw invalid(name, broken);
  const parsed = mappingSchema.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue): MappingProblem[] => {
    const path = issue.path as (string | number)[];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        ...at(offsetOf(document, [...path, key])),
        problem: `${key} means nothing here; known: ${Object.keys(mappingSchema.in.shape).join(', ')}`,
      }));
    }
    return [{ ...at(offsetOf(document, path)), problem: `${path.join('.') || 'the file'} ${issue.message}` }];
  });
  throw invalid(name, problems);
}

function invalid(name: string, problems: MappingProblem[]): AppError {
  const listed = problems.map((p) => `line ${p.line}, column ${p.column}: ${p.problem}`);
  return new AppError('mapping_invalid', `The mapping ${name} has problems:\n  ${listed.join('\n  ')}`, {
    details: problems,
  });
}

/** Where the key of a path stands in the file, or the nearest thing above it. */
function offsetOf(document: Document, path: readonly (string | number)[]): number | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const name = path[depth - 1];
    if (isMap(parent)) {
      const pair = parent.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === name,
      );
      if (pair && isScalar(pair.key)) return pair.key.range?.[0];
    }
    const node = document.getIn(path.slice(0, depth), true);
    if (isScalar(node)) return node.range?.[0];
  }
  return undefined;
}
