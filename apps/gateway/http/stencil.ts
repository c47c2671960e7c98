import { constants, crc32, deflateRawSync } from 'node:zlib';

/** What is sent as a page, in the form the client takes. */
export interface PageBody {
  plain(): string | Buffer;
  gzip(): Buffer;
}

/** Marks are noncharacters of Unicode: they stand in no text that people write, and nothing escapes them. */
export const MARKS = ['\ufdd0', '\ufdd1', '\ufdd2'] as const;
const MARK = new RegExp(`[${MARKS.join('')}]`);

const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
const LAST_BLOCK = Buffer.from([1, 0, 0, 0xff, 0xff]);

interface Piece {
  readonly plain: Buffer;
  readonly deflated: Buffer;
}

/**
 * A page with holes, compressed beforehand. The pieces between the holes are deflated once, each closed by a full
 * flush; a value goes between them as a block that is stored as it is. Together they are one valid gzip stream
 * (RFC 1951, 3.2.4; RFC 1952), so that serving a page costs a copy and a checksum and no compression.
 */
export class Stencil {
  private readonly pieces: readonly Piece[];
  /** Which value stands after each piece but the last. */
  private readonly holes: readonly number[];

  /** `html` has one of MARKS at each hole; the first mark takes the first value, and so on. */
  constructor(html: string) {
    const places = [...html].filter((character) => MARK.test(character));
    this.holes = places.map((mark) => MARKS.indexOf(mark as (typeof MARKS)[number]));
    this.pieces = html.split(MARK).map((text) => {
      const plain = Buffer.from(text);
      return { plain, deflated: deflateRawSync(plain, { level: 9, finishFlush: constants.Z_FULL_FLUSH }) };
    });
  }

  /** Values are HTML already: whoever fills a hole escapes. */
  fill(values: readonly string[]): PageBody {
    const written = values.map((value) => Buffer.from(value));
    return { plain: () => this.plain(written), gzip: () => this.gzip(written) };
  }

  private plain(values: readonly Buffer[]): Buffer {
    return Buffer.concat(this.pieces.flatMap(({ plain }, i) => [plain, ...this.valueAfter(i, values)]));
  }

  private gzip(values: readonly Buffer[]): Buffer {
    const parts: Buffer[] = [GZIP_HEADER];
    let checksum = 0;
    let length = 0;
    for (const [i, { plain, deflated }] of this.pieces.entries()) {
      parts.push(deflated);
      // zlib takes an empty buffer for the wish to begin anew.
      if (plain.length > 0) checksum = crc32(plain, checksum);
      length += plain.length;
      for (const value of this.valueAfter(i, values)) {
        parts.push(storedBlock(value.length), value);
        checksum = crc32(value, checksum);
        length += value.length;
      }
    }
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(checksum, 0);
    trailer.writeUInt32LE(length, 4);
    return Buffer.concat([...parts, LAST_BLOCK, trailer]);
  }

  private valueAfter(piece: number, values: readonly Buffer[]): Buffer[] {
    const hole = this.holes[piece];
    const value = hole === undefined ? undefined : values[hole];
    return value === undefined || value.length === 0 ? [] : [value];
  }
}

/** The head of a stored block: not the last, its length and the length's complement. */
function storedBlock(length: number): Buffer {
  if (length > 0xffff) throw new Error('a value in a page is longer than a block can be');
  const head = Buffer.alloc(5);
  head.writeUInt16LE(length, 1);
  head.writeUInt16LE(~length & 0xffff, 3);
  return head;
}
