import type { Queryable } from '#store/database';

/** Seconds of sending that may be saved up: short, so that a pause is not made up for in one burst. */
const BURST_S = 1;

/**
 * Takes up to `want` parts from the sender's allowance, which grows with real time and is one for all workers; `owed`
 * parts were used beyond what was granted before (below 0: fewer). Returns the parts granted, or null for a
 * sender without a limit. The allowance may be overdrawn by what is owed, and is then paid back by waiting.
 */
export async function senderTakeParts(
  db: Queryable,
  { sender, want, owed, real }: { sender: string; want: number; owed: number; real: Date },
): Promise<number | null> {
  const { rows } = await db.query<{ granted: number }>(TAKE, [sender, want, owed, real, BURST_S]);
  return rows[0]?.granted ?? null;
}

const TAKE = `
  with standing as (
    select key, least(greatest(parts_per_second * $5, 1),
      coalesce(allowance, 0) + parts_per_second * case
        when allowance_at is null then $5 else greatest(extract(epoch from $4 - allowance_at), 0) end) - $3 as available
    from sender where key = $1 and parts_per_second is not null
    for update
  ), given as (
    select key, available, greatest(0, least($2, floor(available)))::int as granted from standing
  )
  update sender s set allowance = given.available - given.granted, allowance_at = greatest(s.allowance_at, $4)
  from given where s.key = given.key
  returning given.granted`;

/** Sets how many parts a second all workers together may send; null lifts the limit. */
export async function senderSetPace(
  db: Queryable,
  key: string,
  partsPerSecond: number | null,
  now: Date,
): Promise<void> {
  await db.query(
    `update sender set parts_per_second = $2, allowance = null, allowance_at = null, updated_at = $3 where key = $1`,
    [key, partsPerSecond, now],
  );
}
