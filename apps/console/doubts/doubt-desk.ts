import type { Actor, AuditLog } from '#access/audit-log';
import { centresWithin, seesCentre } from '#access/centre-scope';
import type { Principal } from '#access/principal';
import { maskPhone, type Vault } from '#contacts/vault';
import { decideDoubt, DOUBT_RECORDED, doubtReason, type DoubtAction } from '#dispatch/doubt';
import { doubtById, doubtPage, type DoubtFilter, type DoubtRow } from '#dispatch/doubt-list.sql';
import type { Clock } from '#kernel/clock';
import { AppError } from '#kernel/errors';
import { withoutContacts } from '#reporting/free-text';
import type { Database, Queryable } from '#store/database';

/** A message in doubt as it is shown; the number masked, null where none is kept. */
export type Doubt = Omit<DoubtRow, 'phoneCipher'> & { readonly phone: string | null };

export interface Decision {
  readonly action: DoubtAction;
  /** Why; kept in the audit log. */
  readonly reason: string;
}

/**
 * Where people look through messages of which nobody knows whether they were sent, and decide on single ones: by page, by
 * API, and at the command line. It stands here because no stage may import another, and this takes two: dispatch
 * for the doubt, access for who may and for the record.
 */
export class DoubtDesk {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** Newest first, of the centres the person sees; one more than the limit. */
  async page(
    { centre, ...filter }: Omit<DoubtFilter, 'centres'> & { readonly centre?: string | undefined },
    principal: Pick<Principal, 'centres'>,
  ): Promise<Doubt[]> {
    const centres = centresWithin(centre === undefined ? undefined : [centre], principal);
    const rows = await doubtPage(this.database, { ...filter, centres });
    return rows.map(({ phoneCipher, ...row }) => ({
      ...row,
      phone: phoneCipher && maskPhone(this.vault.open(phoneCipher)),
    }));
  }

  /**
   * Does it and records who decided what and why. Throws AppErrors: `reason_length`, `not_found`, `message_state`,
   * `message_expired`.
   */
  async decide(
    id: string,
    { action, reason: given }: Decision,
    principal: Pick<Principal, 'centres'>,
    by: Actor,
  ): Promise<void> {
    // The log is never erased, so no number may come into it.
    const reason = withoutContacts(doubtReason(given));
    return this.database.transaction(async (tx) => {
      const row = await this.visible(tx, id, principal);
      await decideDoubt(tx, row, action, this.clock.now());
      const after = { reason, attempt: row.attempt, sender: row.sender, invitation: row.invitation };
      await this.audit.record(tx, { by, action: DOUBT_RECORDED[action], on: { kind: 'message', id }, after }); // prettier-ignore
    });
  }

  private async visible(
    tx: Queryable,
    id: string,
    principal: Pick<Principal, 'centres'>,
  ): Promise<Omit<DoubtRow, 'state'>> {
    const row = ID.test(id) ? await doubtById(tx, id) : undefined;
    if (row && seesCentre(row.centre, principal)) return row;
    throw new AppError('not_found', `There is no message ${id} that was sent.`, { status: 404, exitCode: 1 });
  }
}

const ID = /^[1-9]\d{0,17}$/;
