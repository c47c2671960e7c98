import { AppError } from '#kernel/errors';
import type { Queryable } from '#store/database';
import type { Role } from '#store/entities';

/**
 * The centres a person or token may be limited to: sorted, each once; null when nothing limits them. Throws AppError
 * `centre_unknown` for a code that no centre has, and `admin_everywhere` for an administrator of some centres only.
 */
export async function checkedCentres(
  db: Queryable,
  role: Role,
  given: readonly string[] | null | undefined,
): Promise<string[] | null> {
  if (!given?.length) return null;
  if (role === 'admin') {
    throw new AppError(
      'admin_everywhere',
      'An administrator sees every centre: give no centre, or another role.',
    );
  }
  const codes = [...new Set(given)].sort();
  const { rows } = await db.query<{ code: string }>('select code from centre where code = any($1::text[])', [
    codes,
  ]);
  const missing = codes.filter((code) => !rows.some((row) => row.code === code));
  if (missing.length === 0) return codes;
  throw new AppError(
    'centre_unknown',
    `There is no centre ${missing.join(', ')}; "vidhuk report ledger --by centre" names those with visits.`,
  );
}
