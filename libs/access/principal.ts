import type { Role } from '#store/entities';

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
}
