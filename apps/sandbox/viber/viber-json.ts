/** JSON in which a message token stands as a bare number beyond 2^53, as Viber writes it. */
export function viberJson(value: Record<string, unknown>): string {
  return JSON.stringify(value).replace(/("message_token"\s*:\s*)"(\d+)"/g, '$1$2');
}

/** The same with every character outside ASCII escaped, as Viber's callbacks have names: to be verified as bytes. */
export function escapedJson(value: Record<string, unknown>): string {
  return viberJson(value).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
