import type { Role } from '#store/entities';

/** What a person must do before anything else: choose a password of their own, or set up the second factor. */
export type Due = 'password' | 'second_factor';

/** Who is asking: a signed-in person or a program with a token. */
export interface Principal {
  readonly kind: 'user' | 'token';
  readonly id: string;
  /** E-mail address or token name. */
  readonly name: string;
  readonly role: Role;
  /** Codes of the centres whose visits, people and figures they see; null: every centre. Administrators have null. */
  readonly centres: readonly string[] | null;
  /** Sessions only: what a form must send back to show that it came from our own page. */
  readonly csrf: string | null;
  /** Which of the person's sessions it is; null for a token. */
  readonly sessionId: string | null;
  /** What is due first; until then only the own account is open. Null: nothing, and for tokens. */
  readonly due: Due | null;
  /** On pages: how much happened to the account that this browser was not told yet. */
  readonly news?: number;
}
