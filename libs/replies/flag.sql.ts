import type { Queryable } from '#store/database';

/** Why the answers of an invitation may be a program's: what it called itself, or a pace that no person has. */
export type RobotSign = 'agent' | 'pace';

/** Flags the visit of an invitation; the sign noticed first stands. */
export async function robotFlag(tx: Queryable, invitationId: string, sign: RobotSign, at: Date): Promise<void> {
  await tx.query(
    `insert into visit_flag (visit_id, flag, sign, noted_at)
     select i.visit_id, 'robots', $2, $3 from invitation i where i.id = $1
     on conflict do nothing`,
    [invitationId, sign, at],
  );
} // prettier-ignore
