// Digits as people write numbers: with spaces, hyphens, dots, brackets. Nine digits are the shortest number with its
// operator; document numbers of that length are hidden too, which is no loss.
const DIGITS = /\+?\d(?:[\s().\-–—]{0,3}\d){8,}/g;
const MAIL = /[^\s@<>"']+@[^\s@<>"']+\.[^\s@<>"'.,;]+/g;

/** What a person wrote, without what could be used to reach someone: numbers and mail addresses become `[…]`. */
export function withoutContacts(text: string): string {
  return text.replace(MAIL, '[…]').replace(DIGITS, '[…]');
}
