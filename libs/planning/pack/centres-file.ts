import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { isZone } from '#kernel/zone';
import type { PackProblem } from './problem.js';

const text = z.string().trim();
const optional = text.transform((value) => (value === '' ? null : value));
const degrees = (limit: number): z.ZodType<number | null> =>
  text
    .refine((value) => value === '' || (/^-?\d+(\.\d+)?$/.test(value) && Math.abs(Number(value)) <= limit), {
      error: `must be degrees with a decimal point, between -${limit} and ${limit}`,
    })
    .transform((value) => (value === '' ? null : Number(value)));

const centreSchema = z
  .object({
    code: text.min(1, 'is empty'),
    name: text.min(1, 'is empty'),
    timezone: text.refine(isZone, { error: 'is no zone of the tz database, such as Europe/Kyiv' }),
    region: optional.default(null),
    city: optional.default(null),
    address: optional.default(null),
    latitude: degrees(90).default(null),
    longitude: degrees(180).default(null),
  })
  .refine((centre) => (centre.latitude === null) === (centre.longitude === null), {
    path: ['latitude'],
    error: 'latitude and longitude come together',
  });

export type Centre = z.infer<typeof centreSchema>;

const COLUMNS = Object.keys(centreSchema.shape);
const REQUIRED = ['code', 'name', 'timezone'];

interface Row {
  readonly raw: string;
  readonly record: Record<string, string>;
  readonly info: { readonly lines: number };
}

/** Reads `centres.csv`: comma-separated with a header, columns in any order. */
export function readCentres(file: string, source: string): { centres: Centre[]; problems: PackProblem[] } {
  const problems: PackProblem[] = [];
  const report = (line: number, column: number, problem: string): void => {
    problems.push({ file, line, column, problem });
  };
  const header = headerOf(source);
  header.forEach((name, i) => {
    if (!COLUMNS.includes(name)) report(1, columnOf(source, i), `unknown column "${name}"`);
    else if (header.indexOf(name) < i) report(1, columnOf(source, i), `column "${name}" stands twice`);
  });
  for (const name of REQUIRED) if (!header.includes(name)) report(1, 1, `column "${name}" is missing`);
  const centres: Centre[] = [];
  if (problems.length > 0) return { centres, problems };
  const seen = new Map<string, number>();
  for (const { raw, record, info } of rowsOf(source, report)) {
    // csv-parse counts to the last line of a record; quoted fields may hold line breaks.
    const own = raw.trim();
    const line = info.lines - own.split('\n').length + 1;
    const parsed = centreSchema.safeParse(record);
    if (!parsed.success) {
      for (const { path, message } of parsed.error.issues) {
        report(line, columnOf(own, header.indexOf(String(path[0]))), `${String(path[0])}: ${message}`);
      }
      continue;
    }
    const earlier = seen.get(parsed.data.code);
    if (earlier !== undefined) report(line, 1, `code "${parsed.data.code}" stands in line ${earlier} too`);
    else centres.push(parsed.data);
    seen.set(parsed.data.code, earlier ?? line);
  }
  return { centres, problems };
}

function rowsOf(source: string, report: (line: number, column: number, problem: string) => void): Row[] {
  try {
    return parse(source, {
      bom: true,
      columns: true,
      info: true,
      raw: true,
      skip_empty_lines: true,
    }) as unknown as Row[];
  } catch (thrown) {
    if (!(thrown instanceof CsvError)) throw thrown;
    report(Number(thrown['lines'] ?? 1), 1, thrown.message);
    return [];
  }
}

function headerOf(source: string): string[] {
  const first = source.replace(/^\ufeff/, '').split(/\r?\n/, 1)[0] ?? '';
  return first === '' ? [] : first.split(',').map((name) => name.trim());
}

/** Where the field with this index begins in a line, counted from 1; commas inside quotes are not ends. */
function columnOf(line: string, index: number): number {
  let quoted = false;
  let field = 0;
  for (let i = 0; i < line.length; i++) {
    if (field >= index) return i + 1;
    if (line[i] === '"') quoted = !quoted;
    else if (line[i] === ',' && !quoted) field++;
  }
  return field >= index ? line.length + 1 : 1;
}
