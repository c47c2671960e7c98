import { secretsEqual } from '#kernel/ids';
import type { Clock } from '#kernel/clock';
import type { Vault } from '#contacts/vault';
import type { Queryable } from '#store/database';
import { BEGINNING, chainHash, storable, storableText, type AuditFacts } from './audit-chain.js';
import { auditChain, auditHead, auditInsert } from './audit.sql.js';
import type { Principal } from './principal.js';

/** Who does something: a signed-in person, a program's token, somebody at the command line, or Vidhuk itself. */
export interface Actor {
  readonly kind: 'user' | 'token' | 'command' | 'system';
  readonly id: string | null;
  /** E-mail address, token name, account of the operating system, or the process. */
  readonly name: string;
  /** From where: network address; null where there is none. */
  readonly address: string | null;
}

export interface AuditEntry {
  readonly by: Actor;
  /** `thing.what_happened_to_it`, stable: `user.added`, `number.seen`. */
  readonly action: string;
  /** What it was done to. */
  readonly on?: { readonly kind: string; readonly id: string };
  /** What changed, as it was and as it is: no number, no text of a visitor, no secret. */
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface ChainState {
  readonly entries: number;
  /** Id and hash of the newest row: noted elsewhere, they show whether rows were cut off the end. */
  readonly head: { readonly id: string; readonly hash: string } | null;
  /** What does not fit, oldest first, at most twenty. */
  readonly faults: readonly { readonly id: string; readonly what: string }[];
}

const ATTEMPTS = 100;
const PAGE = 2000;
const MOST_FAULTS = 20;

/** The append-only record of what people changed and looked at. */
export class AuditLog {
  private readonly recorded = new WeakSet<Actor>();

  constructor(
    private readonly vault: Pick<Vault, 'hash'>,
    private readonly clock: Pick<Clock, 'real'>,
  ) {}

  /**
   * Appends an entry. Give the transaction of the change itself, as its last statement, and both stand or fall
   * together. Rejects only when the database does: what cannot be recorded must not happen.
   */
  async record(db: Queryable, { by, action, on, before, after }: AuditEntry): Promise<void> {
    const told = {
      happenedAt: this.clock.real(),
      actorKind: by.kind,
      actorId: by.id,
      actorName: storableText(by.name),
      address: by.address,
      action,
      subjectKind: on?.kind ?? null,
      subjectId: on === undefined ? null : storableText(on.id),
      before: storable(before),
      after: storable(after),
    };
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await this.append(db, told)) {
        this.recorded.add(by);
        return;
      }
    }
    throw new Error('the audit log is too busy: the entry found no place in it');
  }

  /** Whether anything was recorded for this actor (one per request): the net under handlers asks. */
  hasRecorded(by: Actor): boolean {
    return this.recorded.has(by);
  }

  /** Whoever else appends at the same time takes the id first; then this one follows theirs. */
  private async append(db: Queryable, told: Omit<AuditFacts, 'id'>): Promise<boolean> {
    const head = await auditHead(db);
    const previousHash = head?.hash ?? BEGINNING;
    const facts = { id: String(BigInt(head?.id ?? 0) + 1n), ...told };
    const hash = chainHash(previousHash, facts);
    return auditInsert(db, { ...facts, previousHash, hash, seal: this.seal(hash) });
  }

  private seal(hash: Buffer): Buffer {
    return this.vault.hash(`audit:${hash.toString('hex')}`);
  }

  /**
   * Reads the whole chain and says what does not fit. Memory does not grow with it. `expected`: a head noted earlier,
   * which must still be there, or the end was cut off.
   */
  async verify(db: Queryable, expected?: { id: string; hash: string }): Promise<ChainState> {
    const faults: { id: string; what: string }[] = [];
    let entries = 0;
    let last: { id: string; hash: Buffer } = { id: '0', hash: BEGINNING };
    for (;;) {
      const rows = await auditChain(db, last.id, PAGE);
      for (const row of rows) {
        const fault = this.faultOf(row, last);
        if (fault !== undefined && faults.length < MOST_FAULTS) faults.push({ id: row.id, what: fault });
        if (row.id === expected?.id && row.hash.toString('hex') !== expected.hash) {
          faults.push({ id: row.id, what: 'is not the entry that was noted' });
        }
        last = row;
        entries++;
      }
      if (rows.length < PAGE) break;
    }
    if (expected && BigInt(last.id) < BigInt(expected.id)) {
      faults.push({ id: expected.id, what: 'is gone: the end was cut off' });
    }
    const head = entries === 0 ? null : { id: last.id, hash: last.hash.toString('hex') };
    return { entries, head, faults };
  }

  private faultOf(
    row: Awaited<ReturnType<typeof auditChain>>[number],
    last: { id: string; hash: Buffer },
  ): string | undefined {
    if (BigInt(row.id) !== BigInt(last.id) + 1n) return `rows before it are missing, after ${last.id}`;
    if (!row.previousHash.equals(last.hash)) return 'does not follow the row before it';
    if (!chainHash(row.previousHash, row).equals(row.hash)) return 'was changed';
    if (!secretsEqual(row.seal, this.seal(row.hash))) return 'its seal does not fit';
    return undefined;
  }
}

/** The actor of a console request, for one entry or several; the same object within one request. */
export function actorOf(request: { readonly principal?: Principal; readonly ip: string }): Actor {
  const known = actors.get(request);
  if (known) return known;
  const { principal, ip } = request;
  const actor: Actor = principal
    ? { kind: principal.kind, id: principal.id, name: principal.name, address: ip }
    : { kind: 'system', id: null, name: 'stranger', address: ip };
  actors.set(request, actor);
  return actor;
}
const actors = new WeakMap<object, Actor>();
