import type { Role } from '#store/entities';

/** Who is asking: a signed-in person or a program with a token. */
export interface Principal {
  readonly kind: 'user' | 'token';
  readonly id: string;
  /** E-mail address or token name. */
  readonly name: string;
  readonly role: Role;
  /** Sessions only: what a form must send back to show that it came from our own page. */
  readonly csrf: string | null;
}
