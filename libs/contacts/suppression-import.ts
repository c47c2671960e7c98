import { readPhone } from '#kernel/phone';
import type { Queryable } from '#store/database';
import { suppressionImport } from './suppression-list.sql.js';
import type { SuppressedChannel } from './suppression.sql.js';
import type { Vault } from './vault.js';

/** Why a line was not taken. `not_mobile` is no fault: a landline gets no messages. */
export type LineProblem = 'no_number' | 'bad_number' | 'not_mobile' | 'unknown_channel';

export type SuppressionLine =
  | { readonly kind: 'entry'; readonly e164: string; readonly channel: SuppressedChannel | null }
  | { readonly kind: 'problem'; readonly problem: LineProblem }
  /** Blank, a comment, or the heading of the list. */
  | { readonly kind: 'nothing' };

export interface ImportedSuppressions {
  readonly read: number;
  readonly added: number;
  /** Stood already, also when an earlier line of the file said so. */
  readonly known: number;
  readonly rejected: number;
  /** Lines that were not taken, from 1; never what stood in them. */
  readonly problems: readonly { readonly line: number; readonly problem: LineProblem }[];
}

const PROBLEMS = { missing: 'no_number', bad: 'bad_number', not_mobile: 'not_mobile' } as const;
const BATCH = 1_000;
const PROBLEMS_AT_MOST = 1_000;
const DEFAULT_COUNTRY = 'UA';

/**
 * One line of a list: a number, then, after `,`, `;` or a tab, perhaps a channel (`sms`, `viber`; nothing or `all` is every
 * channel). Further columns are not looked at.
 */
export function readSuppressionLine(text: string, line: number): SuppressionLine {
  const bare = text.replace(/^\ufeff/, '').trim();
  if (bare === '' || bare.startsWith('#')) return { kind: 'nothing' };
  const [number = '', channel = ''] = bare
    .split(/[;,\t]/)
    .map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
  if (line === 1 && !/\d/.test(number)) return { kind: 'nothing' };
  const reading = readPhone(number, DEFAULT_COUNTRY);
  if (reading.status !== 'ok') return { kind: 'problem', problem: PROBLEMS[reading.status] };
  switch (channel.toLowerCase()) {
    case '':
    case 'all':
      return { kind: 'entry', e164: reading.e164, channel: null };
    case 'sms':
    case 'viber':
      return { kind: 'entry', e164: reading.e164, channel: channel.toLowerCase() as SuppressedChannel };
    default:
      return { kind: 'problem', problem: 'unknown_channel' };
  }
}

/** Takes a list of people who are not to be written to. A line that cannot be read never holds up the others. */
export async function importSuppressions(
  db: Queryable,
  vault: Vault,
  lines: AsyncIterable<string>,
  now: Date,
): Promise<ImportedSuppressions> {
  const problems: { line: number; problem: LineProblem }[] = [];
  let [line, taken, added, rejected] = [0, 0, 0, 0];
  let batch = new Map<string, { addressHash: Buffer; channel: SuppressedChannel | null }>();
  const flush = async (): Promise<void> => {
    if (batch.size > 0) added += await suppressionImport(db, [...batch.values()], now);
    batch = new Map();
  };
  for await (const text of lines) {
    const read = readSuppressionLine(text, ++line);
    if (read.kind === 'problem') {
      rejected++;
      if (problems.length < PROBLEMS_AT_MOST) problems.push({ line, problem: read.problem });
    } else if (read.kind === 'entry') {
      taken++;
      const entry = { addressHash: vault.phoneHash(read.e164), channel: read.channel };
      batch.set(`${read.e164} ${read.channel ?? ''}`, entry);
      if (batch.size >= BATCH) await flush();
    }
  }
  await flush();
  return { read: taken + rejected, added, known: taken - added, rejected, problems };
}
