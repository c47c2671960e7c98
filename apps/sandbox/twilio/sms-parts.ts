const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const EXTENSION = '\f^{}\\[~]|€';
const septets = new Map([
  ...[...BASIC].map((c) => [c, 1] as const),
  ...[...EXTENSION].map((c) => [c, 2] as const),
]);

/**
 * SMS parts as a carrier bills them (3GPP TS 23.038 and 23.040): 160 or 153 septets, else 70 or 67 UCS-2 units; a
 * character is never split over two parts. Written apart from the program's own count so that each checks the other.
 */
export function smsParts(text: string): number {
  const sizes = [...text].map((character) => septets.get(character));
  if (sizes.every((size) => size !== undefined)) return split(sizes, 160, 153);
  return split(
    [...text].map((character) => character.length),
    70,
    67,
  );
}

function split(sizes: readonly number[], single: number, joined: number): number {
  if (sizes.reduce((sum, size) => sum + size, 0) <= single) return 1;
  let parts = 1;
  let used = 0;
  for (const size of sizes) {
    if (used + size > joined) {
      parts++;
      used = 0;
    }
    used += size;
  }
  return parts;
}
