const SHORTEST = 24;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Some operators hand a long SMS on as the base64 of its UTF-8 bytes. Returns what was written, or undefined when
 * the body is an ordinary text. A word that merely looks like base64 decodes to broken UTF-8 or to control
 * characters, and a text of many words has spaces, which base64 has not; short bodies are left alone.
 */
export function decodeTransferText(body: string): string | undefined {
  if (body.length < SHORTEST || !BASE64.test(body)) return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(body, 'base64'));
  } catch {
    return undefined;
  }
  // Control characters are the sign that this was no text
  const garbled = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text);
  return garbled || !/\s/.test(text) ? undefined : text;
}
