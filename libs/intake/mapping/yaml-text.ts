import { LineCounter, isMap, isScalar, parseDocument, visit, type Document } from 'yaml';
import type { z } from 'zod';
import { AppError } from '#kernel/errors';

export interface YamlProblem {
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
  readonly problem: string;
}

type Path = readonly (string | number)[];

/**
 * Parses the text of a YAML file by its schema. Throws AppError with the code given, listing every problem with its line
 * and column (in `details` as YamlProblem[]); `title` is what the message calls the file.
 */
export function parseYaml<S extends z.ZodType>(
  text: string,
  schema: S,
  { code, title, known }: { code: string; title: string; known: readonly string[] },
): z.output<S> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number | undefined): { line: number; column: number } => {
    const position = lines.linePos(offset ?? 0);
    return { line: Math.max(1, position.line), column: Math.max(1, position.col) };
  };
  const broken = document.errors.map((error) => ({ ...at(error.pos[0]), problem: error.message }));
  visit(document, {
    Pair: (_, { key }) => {
      if (!isScalar(key) || key.value !== '__proto__') return;
      broken.push({ ...at(key.range?.[0]), problem: '__proto__ is no name that anything can have here' });
    },
    Alias: (_, alias) => {
      if (alias.resolve(document)) return;
      broken.push({ ...at(alias.range?.[0]), problem: `*${alias.source} stands for nothing: there is no &${alias.source} before it` }); // prettier-ignore
    },
  });
  if (broken.length > 0) throw invalid(code, title, broken);
  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue): YamlProblem[] => {
    const path = issue.path as Path;
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        ...at(offsetOf(document, [...path, key])),
        problem: `${[...path, key].join('.')} means nothing here${path.length === 0 ? `; known: ${known.join(', ')}` : ''}`,
      }));
    }
    return [{ ...at(offsetOf(document, path)), problem: `${path.join('.') || 'the file'} ${issue.message}` }];
  });
  throw invalid(code, title, problems);
}

function invalid(code: string, title: string, problems: YamlProblem[]): AppError {
  const listed = problems.map((p) => `line ${p.line}, column ${p.column}: ${p.problem}`);
  return new AppError(code, `${title} has problems:\n  ${listed.join('\n  ')}`, { details: problems });
}

/** Where the key of a path stands in the file, or the nearest thing above it. */
function offsetOf(document: Document, path: Path): number | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const name = path[depth - 1];
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === name);
      if (pair && isScalar(pair.key)) return pair.key.range?.[0];
    }
    const node = document.getIn(path.slice(0, depth), true);
    if (isScalar(node)) return node.range?.[0];
  }
  return undefined;
}
