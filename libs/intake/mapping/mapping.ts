import { z } from 'zod';
import { isCountry } from '#kernel/phone';
import { isZone } from '#kernel/zone';
import { dateFormatProblem } from '../read/time-reader.js';
import { KEY_PARTS, type KeyPart } from '../read/read-record.js';
import { CONSENTS, FIELDS, OUTCOMES, type AttributeValue, type Field } from '../read/visit-record.js';

export const ENCODINGS = ['utf-8', 'windows-1251', 'utf-16le'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** How the files of one source are read. */
export interface Mapping {
  readonly key: string;
  readonly format: 'csv' | 'jsonl';
  readonly delimiter: string;
  /** Absent: told from the file. */
  readonly encoding?: Encoding | undefined;
  readonly timezone: string;
  readonly defaultCountry: string;
  readonly dateFormat?: string | undefined;
  /** Canonical field, or `attributes.NAME`, to the column (or JSON property) that holds it. */
  readonly columns: Readonly<Record<string, string>>;
  /** Parts to join, or the one column that holds the key. */
  readonly visitKey?: readonly KeyPart[] | string | undefined;
  /** For a field: what the source writes to what it means. */
  readonly values: Readonly<Record<string, Readonly<Record<string, AttributeValue>>>>;
}

const REQUIRED: readonly Field[] = ['recordId', 'centre', 'finishedAt'];
const MAPPABLE: readonly string[] = FIELDS.filter((field) => field !== 'visitKey');
const known = `known fields: ${MAPPABLE.join(', ')}, attributes.NAME`;
const text = z.string({ error: 'must be text' }).min(1, 'must not be empty');

const shape = z.strictObject({
  key: text,
  format: z.enum(['csv', 'jsonl']).default('csv'),
  delimiter: text.default(','),
  encoding: z.enum(ENCODINGS).optional(),
  timezone: z
    .string()
    .refine(isZone, 'is no time zone of the tz database, such as Europe/Kyiv')
    .default('Europe/Kyiv'),
  defaultCountry: z
    .string()
    .refine(isCountry, 'is no country code of two capital letters, such as UA')
    .default('UA'),
  dateFormat: text.optional(),
  columns: z.record(z.string(), text, { error: 'must list the columns: field: column' }),
  visitKey: z
    .union([text, z.array(z.string()).min(1)], { error: 'must be a list of fields, or one column' })
    .optional(),
  values: z
    .record(z.string(), z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])))
    .default({}),
});

type Shape = z.infer<typeof shape>;

/** The parsed form of a mapping file, with every cross-check between its parts. */
export const mappingSchema = shape
  .superRefine((mapping, context) => {
    const problem = (path: (string | number)[], message: string): void => {
      context.addIssue({ code: 'custom', path, message });
    };
    checkText(mapping, problem);
    checkColumns(mapping, problem);
    checkKey(mapping, problem);
    checkValues(mapping, problem);
  })
  .transform((mapping): Mapping => ({
    ...mapping,
    delimiter: separator(mapping.delimiter),
    visitKey: mapping.visitKey as Mapping['visitKey'],
  }));

type Report = (path: (string | number)[], message: string) => void;

function checkText(mapping: Shape, problem: Report): void {
  if (separator(mapping.delimiter).length !== 1 || /["\r\n]/.test(mapping.delimiter)) {
    problem(['delimiter'], 'must be one character, or "tab"');
  }
  const wrong = mapping.dateFormat === undefined ? undefined : dateFormatProblem(mapping.dateFormat);
  if (wrong !== undefined) problem(['dateFormat'], wrong);
}

function checkColumns(mapping: Shape, problem: Report): void {
  for (const field of Object.keys(mapping.columns)) {
    if (field === 'visitKey') problem(['columns', field], 'is set by visitKey: COLUMN, one level up');
    else if (!isField(field)) problem(['columns', field], `is no field; ${known}`);
  }
  for (const field of REQUIRED) {
    if (mapping.columns[field] === undefined) problem(['columns'], `${field} has no column`);
  }
  for (const field of Object.keys(mapping.values)) {
    if (!isField(field)) problem(['values', field], `is no field; ${known}`);
    else if (mapping.columns[field] === undefined) problem(['values', field], 'has no column');
  }
}

function checkKey(mapping: Shape, problem: Report): void {
  if (!Array.isArray(mapping.visitKey)) return;
  for (const [index, part] of mapping.visitKey.entries()) {
    if (!(KEY_PARTS as readonly string[]).includes(part)) {
      problem(['visitKey', index], `"${part}" cannot be part of a visit key; parts: ${KEY_PARTS.join(', ')}`);
    } else if (part !== 'date' && mapping.columns[part] === undefined) {
      problem(['visitKey', index], `${part} has no column`);
    }
  }
}

function checkValues(mapping: Shape, problem: Report): void {
  const lists: Record<string, readonly string[]> = { outcome: OUTCOMES, consent: CONSENTS };
  for (const [field, meanings] of Object.entries(mapping.values)) {
    const allowed = lists[field];
    for (const [written, meaning] of Object.entries(meanings)) {
      if (allowed && !allowed.includes(String(meaning))) {
        problem(['values', field, written], `must mean one of ${allowed.join(', ')}`);
      }
    }
  }
}

function isField(name: string): boolean {
  return MAPPABLE.includes(name) || /^attributes\.(?!__proto__$)[^.]{1,60}$/.test(name);
}

function separator(delimiter: string): string {
  return delimiter === 'tab' || delimiter === '\\t' ? '\t' : delimiter;
}
