import { readdir, readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { isDuration } from '#kernel/zone';
import { parseYaml } from '../mapping/yaml-text.js';

const text = z.string({ error: 'must be text' }).min(1, 'must not be empty');
const IDENTIFIER = /^[A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)?$/;

const tableSchema = z
  .strictObject({
    url: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// address' }).optional(),
    urlFile: text.optional(),
    from: z.string().regex(IDENTIFIER, 'must be a table or view, with its schema before a dot if need be'),
    watermark: text,
    overlap: z
      .union([z.int().min(0, 'must not be negative'), z.string().refine(isDuration)], {
        error: 'must be a duration such as PT15M, or a count for a column of numbers',
      })
      .optional(),
  })
  .refine(
    ({ url, urlFile }) => (url === undefined) !== (urlFile === undefined),
    'needs url or urlFile, one of them',
  );

const feedSchema = z
  .strictObject({
    source: text,
    mapping: text,
    folder: text.optional(),
    table: tableSchema.optional(),
  })
  .refine(
    ({ folder, table }) => (folder === undefined) !== (table === undefined),
    'needs folder or table, one of them',
  );

/** A table or view in the queue system's own PostgreSQL. */
export interface TableSpec {
  /** Address with password. */
  readonly url: string;
  readonly from: string;
  /** The column that never goes backwards for a row that changed: a time of change or a growing number. */
  readonly watermark: string;
  /** How far back each look begins, for rows that were committed out of order; ISO duration or count. */
  readonly overlap: string | number | undefined;
}

export interface FeedSpec {
  /** Name of the file, without its ending. */
  readonly name: string;
  readonly source: string;
  /** Path of the mapping file. */
  readonly mapping: string;
  /** The folder to watch, or the table to read. */
  readonly from: { readonly folder: string } | { readonly table: TableSpec };
}

/**
 * The feeds that stand in `dir`, one YAML file each; none when there is no such folder. Paths in a file are relative to
 * it. A file that is wrong does not hide the others: its error (AppError `feed_invalid`) takes its place.
 */
export async function readFeeds(dir: string): Promise<(FeedSpec | { name: string; error: unknown })[]> {
  const files = await readdir(dir).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return [];
    throw thrown;
  });
  const feeds = files.filter((file) => /^[^.].*\.ya?ml$/.test(file)).sort();
  return Promise.all(
    feeds.map(async (file) => {
      const name = file.replace(/\.ya?ml$/, '');
      return readFeed(join(dir, file), name).catch((error: unknown) => ({ name, error }));
    }),
  );
}

async function readFeed(path: string, name: string): Promise<FeedSpec> {
  const feed = parseYaml(await readFile(path, 'utf8'), feedSchema, {
    code: 'feed_invalid',
    title: `The feed ${path}`,
    known: ['source', 'mapping', 'folder', 'table'],
  });
  const near = (file: string): string => (isAbsolute(file) ? file : resolve(dirname(path), file));
  const { source, folder, table } = feed;
  const mapping = near(feed.mapping);
  if (!table) return { name, source, mapping, from: { folder: near(folder ?? '') } };
  const url = table.url ?? (await readFile(near(table.urlFile ?? ''), 'utf8')).trim();
  const { from, watermark, overlap } = table;
  return { name, source, mapping, from: { table: { url, from, watermark, overlap } } };
}
