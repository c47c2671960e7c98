import { z } from 'zod';

export const MOST_ITEMS = 200;

/** Lists go newest first; `cursor` is the `next` of the page before, opaque to its holder. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(MOST_ITEMS).default(50).describe('items on a page'),
  cursor: z
    .string()
    .max(40)
    .transform((text, context) => {
      const id = Buffer.from(text, 'base64url').toString('latin1');
      if (/^id:\d{1,18}$/.test(id)) return id.slice(3);
      context.addIssue({ code: 'custom', message: 'is not a cursor of this list' });
      return z.NEVER;
    })
    .optional()
    .describe('"next" of the page before'),
};

export interface Page<T> {
  readonly items: readonly T[];
  /** Cursor of the following page; null on the last. */
  readonly next: string | null;
}

/** Makes a page of rows that were read with one more than the limit. */
export function page<T extends { readonly id: string }>(rows: readonly T[], limit: number): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items, next: more ? Buffer.from(`id:${last.id}`, 'latin1').toString('base64url') : null };
}
