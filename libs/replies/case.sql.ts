import type { Queryable } from '#store/database';

/** A low score came in: somebody has to look into it. A case that stands stays as it is. */
export async function caseOpen(tx: Queryable, invitationId: string, at: Date): Promise<void> {
  await tx.query(
    'insert into service_case (invitation_id, opened_at) values ($1, $2) on conflict (invitation_id) do nothing',
    [invitationId, at],
  );
}

/** The person took the low score back before anybody touched the case: there is none. */
export async function caseWithdraw(tx: Queryable, invitationId: string): Promise<void> {
  await tx.query(
    `delete from service_case k where k.invitation_id = $1 and k.state = 'open' and k.taken_at is null
       and not exists (select from case_note n where n.case_id = k.id)`,
    [invitationId],
  );
}
