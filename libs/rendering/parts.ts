export interface PartCount {
  readonly encoding: 'GSM-7' | 'UCS-2';
  /** Septets in GSM-7 (an extension character takes two), UTF-16 code units in UCS-2. */
  readonly units: number;
  /** SMS parts the carrier bills. */
  readonly parts: number;
}

export interface PartReport extends PartCount {
  /** The distinct characters that forced UCS-2, in order of appearance; empty in GSM-7. */
  readonly costly: string[];
}

// 3GPP TS 23.038, basic and extension table. ESC is left out: it only announces an extension character.
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§' +
  '¿abcdefghijklmnopqrstuvwxyzäöñüà';
const EXTENSION = '\f^{}\\[~]|€';

/** Septets by UTF-16 unit: 0 is not GSM-7. The euro sign has the highest code. */
const SEPTETS = new Uint8Array('€'.charCodeAt(0) + 1);
for (const character of BASIC) SEPTETS[character.charCodeAt(0)] = 1;
for (const character of EXTENSION) SEPTETS[character.charCodeAt(0)] = 2;

// One SMS is 140 octets; the join header takes 6 of them, 7 septets with its fill.
const GSM_ALONE = 160;
const GSM_JOINED = 153;
const UCS2_ALONE = 70;
const UCS2_JOINED = 67;

/**
 * How many SMS parts a text takes. National language tables do not exist for Cyrillic and carriers do not use
 * them for others, so one character outside GSM-7 turns the whole text into UCS-2. Neither an extension
 * character nor a surrogate pair is split over two parts. An empty text is one part.
 */
export function measureParts(text: string): PartCount {
  let septets = 0;
  for (let i = 0; i < text.length; i++) {
    const width = SEPTETS[text.charCodeAt(i)];
    if (!width) return measureUcs2(text);
    septets += width;
  }
  if (septets <= GSM_ALONE) return { encoding: 'GSM-7', units: septets, parts: 1 };
  const widthAt = (i: number): number => SEPTETS[text.charCodeAt(i)] ?? 1;
  return { encoding: 'GSM-7', units: septets, parts: joinedParts(text, GSM_JOINED, widthAt, () => 1) };
}

/** `measureParts`, and which characters made the text costly. */
export function countParts(text: string): PartReport {
  const count = measureParts(text);
  if (count.encoding === 'GSM-7') return { ...count, costly: [] };
  const costly = new Set<string>();
  for (const character of text) {
    if (!SEPTETS[character.codePointAt(0) ?? 0]) costly.add(character);
  }
  return { ...count, costly: [...costly] };
}

function measureUcs2(text: string): PartCount {
  const units = text.length;
  if (units <= UCS2_ALONE) return { encoding: 'UCS-2', units, parts: 1 };
  const stepAt = (i: number): number => (isPair(text, i) ? 2 : 1);
  return { encoding: 'UCS-2', units, parts: joinedParts(text, UCS2_JOINED, stepAt, stepAt) };
}

/** Fills parts character by character; one that does not fit whole begins the next part. */
function joinedParts(
  text: string,
  room: number,
  widthAt: (i: number) => number,
  stepAt: (i: number) => number,
): number {
  let parts = 1;
  let filled = 0;
  for (let i = 0; i < text.length; i += stepAt(i)) {
    const width = widthAt(i);
    if (filled + width > room) {
      parts++;
      filled = 0;
    }
    filled += width;
  }
  return parts;
}

function isPair(text: string, i: number): boolean {
  const high = text.charCodeAt(i);
  if (high < 0xd800 || high > 0xdbff) return false;
  const low = text.charCodeAt(i + 1);
  return low >= 0xdc00 && low <= 0xdfff;
}
