import type { Queryable } from '#store/database';

/**
 * Makes this transaction join blocks by hash and add up in memory, or look rows up by key: the planner, which does not
 * know how few rows days and blocks have, would rather read whole tables, or sort.
 */
export async function planJoins(tx: Queryable, joins: 'blocks' | 'keys' = 'blocks'): Promise<void> {
  await tx.query(
    `select set_config(name, value, true) from (values ('work_mem', '64MB'), ('random_page_cost', '1.1'), ('enable_nestloop', $1),
       ('enable_mergejoin', 'off'), ('enable_sort', 'off'), ('enable_seqscan', 'off'), ('jit', 'off')) as settings (name, value)`,
    [joins === 'keys' ? 'on' : 'off'],
  );
}

/** Counts some days in a transaction with `work`, which looks rows up by key; what comes after it is planned as before. */
export async function byKeys<T>(tx: Queryable, work: () => Promise<T>): Promise<T> {
  await tx.query('savepoint planned');
  await planJoins(tx, 'keys');
  const result = await work();
  // Settings go back to what they were.
  await tx.query('rollback to savepoint planned');
  await tx.query('release savepoint planned');
  return result;
}
