import { html, type Html } from './html.js';
import type { Words } from './wording.js';

/** The script that lets people see what they type into a password field; without it the field works as any. */
export const PASSWORD_SCRIPT = 'password.js';

/** Attributes of a password field that can be looked at: the script puts a button with these words behind it. */
export function sight({ signIn }: Pick<Words, 'signIn'>): Html {
  return html`data-see="${signIn.see}" data-unsee="${signIn.unsee}"`;
}
