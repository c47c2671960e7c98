/** E.164, as carriers demand it. For Ukraine exactly nine digits follow the country code. */
export function isNumber(text: string): boolean {
  return text.startsWith('+380') ? /^\+380\d{9}$/.test(text) : /^\+[1-9]\d{6,14}$/.test(text);
}

/** Ukrainian mobile prefixes of the numbering plan; other countries are taken as mobile. */
export function isMobile(e164: string): boolean {
  return !e164.startsWith('+380') || /^\+380(39|50|63|66|67|68|7[12357]|790|9[1-9])/.test(e164);
}

/**
 * The number a person meant: `+380 50 000 00 01`, `380500000001` and `0500000001` are one. Undefined when it is
 * no number.
 */
export function readNumber(text: string): string | undefined {
  const digits = text.replace(/[^\d+]/g, '');
  const full = digits.startsWith('+') ? digits : digits.startsWith('0') ? `+38${digits}` : `+${digits}`;
  return isNumber(full) ? full : undefined;
}

/** `+380 50 123 45 67`; other countries in one piece. */
export function showNumber(e164: string): string {
  return e164.replace(/^\+380(\d\d)(\d{3})(\d\d)(\d\d)$/, '+380 $1 $2 $3 $4');
}
