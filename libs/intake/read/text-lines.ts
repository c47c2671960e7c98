import { pipeline, Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { AppError, reasonOf } from '#kernel/errors';
import type { Encoding } from '../mapping/mapping.js';

/** One physical line of a text file, without its line break. */
export interface Line {
  /** Counted from 1. */
  readonly number: number;
  readonly text: string;
  /** Why it is not to be read; `text` then holds the readable rest of it. */
  readonly problem?: string;
}

/** A longer line is not a row but a file of another kind; only its beginning is kept, so memory stays small. */
export const LONGEST_LINE = 1_048_576;
const KEPT = 1_000;
/** Bytes read in one go: some sixty rows, so that whoever reads can do other things in between. */
const PIECE = 8_192;
const LF = 10;

/**
 * The lines of a text file, in the pieces they come in. Gzip is known by its first bytes. Without `encoding` it is
 * UTF-16 or UTF-8 by its mark, else UTF-8 or Windows-1251 as the first bytes beyond ASCII show. A
 * single line that is broken UTF-8 in a UTF-8 file is reported as such and the rest goes on. Throws AppError
 * `input_unreadable` when the input breaks off.
 */
export async function* textLines(input: AsyncIterable<unknown>, encoding?: Encoding): AsyncGenerator<Line[]> {
  const splitter = new LineSplitter(encoding);
  try {
    for await (const chunk of inflated(input)) {
      for (let at = 0; at < chunk.length; at += PIECE) {
        const lines = splitter.push(chunk.subarray(at, at + PIECE));
        if (lines.length > 0) yield lines;
      }
    }
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw new AppError(
      'input_unreadable',
      `The input cannot be read to its end: ${reasonOf(thrown)}. Get the file again: it was cut off or damaged; rows before that stay taken.`,
      {
        cause: thrown,
      },
    );
  }
  const rest = splitter.end();
  if (rest.length > 0) yield rest;
}

async function* inflated(input: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  const chunks = buffers(input);
  const first = await gather(chunks, 4);
  async function* all(): AsyncGenerator<Buffer> {
    if (first.length > 0) yield first;
    yield* chunks;
  }
  if (first[0] === 0x1f && first[1] === 0x8b) {
    // An error of the source reaches the reader through the gunzip stream, which pipeline destroys with it.
    yield* pipeline(Readable.from(all()), createGunzip(), () => undefined) as AsyncIterable<Buffer>;
  } else yield* all();
}

async function* buffers(input: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  for await (const chunk of input) {
    yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk as string);
  }
}

/** At least `size` bytes, unless there are no more. */
async function gather(chunks: AsyncGenerator<Buffer>, size: number): Promise<Buffer> {
  let gathered = Buffer.alloc(0);
  while (gathered.length < size) {
    const next = await chunks.next();
    if (next.done) break;
    gathered = Buffer.concat([gathered, next.value]);
  }
  return gathered;
}

/** Cuts bytes into lines before decoding them, so that a broken byte spoils its own line only. */
class LineSplitter {
  private carry: Buffer = Buffer.alloc(0);
  private number = 0;
  private skipping = false;
  private started = false;
  private utf16: TextDecoder | undefined;

  constructor(private encoding: Encoding | undefined) {}

  push(chunk: Buffer): Line[] {
    if (!this.started) {
      this.carry = Buffer.concat([this.carry, chunk]);
      if (this.carry.length < 3) return [];
      chunk = this.carry;
      this.carry = Buffer.alloc(0);
      chunk = this.begin(chunk);
    }
    if (this.utf16) chunk = Buffer.from(this.utf16.decode(chunk, { stream: true }));
    const cut = chunk.lastIndexOf(LF) + 1;
    if (cut === 0) return this.keep(chunk);
    const lines = this.decode(Buffer.concat([this.carry, chunk.subarray(0, cut)]));
    this.carry = chunk.subarray(cut);
    return lines;
  }

  end(): Line[] {
    if (!this.started) this.carry = this.begin(this.carry);
    const rest = this.utf16 ? Buffer.concat([this.carry, Buffer.from(this.utf16.decode())]) : this.carry;
    this.carry = Buffer.alloc(0);
    return rest.length > 0 && !this.skipping ? this.decode(rest) : [];
  }

  /** Looks at the mark at the very beginning and takes it away. */
  private begin(chunk: Buffer): Buffer {
    this.started = true;
    if (chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) {
      this.encoding = 'utf-8';
      return chunk.subarray(3);
    }
    if (chunk[0] === 0xff && chunk[1] === 0xfe) this.encoding = 'utf-16le';
    if (this.encoding === 'utf-16le') this.utf16 = new TextDecoder('utf-16le');
    if (chunk[0] === 0xfe && chunk[1] === 0xff) {
      this.encoding = 'utf-16le'; // what is read from here on has been transcoded
      this.utf16 = new TextDecoder('utf-16be');
    }
    return chunk;
  }

  /** More of a line that has not ended; beyond the limit it is given up and skipped to its end. */
  private keep(chunk: Buffer): Line[] {
    if (this.skipping) return [];
    this.carry = Buffer.concat([this.carry, chunk]);
    if (this.carry.length <= LONGEST_LINE) return [];
    const text = this.carry.subarray(0, KEPT).toString('utf8');
    this.carry = Buffer.alloc(0);
    this.skipping = true;
    return [{ number: ++this.number, text, problem: `the line is longer than ${LONGEST_LINE} bytes` }];
  }

  private decode(bytes: Buffer): Line[] {
    if (this.skipping) {
      this.skipping = false;
      const end = bytes.indexOf(LF) + 1;
      return end === bytes.length ? [] : this.decode(bytes.subarray(end));
    }
    this.encoding ??= guess(bytes);
    const whole = decodeOrNull(bytes, this.encoding ?? 'utf-8');
    if (whole === null) return this.decodeEach(bytes);
    const texts = whole.split('\n');
    if (texts.at(-1) === '') texts.pop();
    return texts.map((text) => ({ number: ++this.number, text: withoutReturn(text) }));
  }

  private decodeEach(bytes: Buffer): Line[] {
    const lines: Line[] = [];
    for (let from = 0; from < bytes.length;) {
      const at = bytes.indexOf(LF, from);
      const to = at < 0 ? bytes.length : at;
      const line = bytes.subarray(from, to);
      const text = decodeOrNull(line, 'utf-8');
      const number = ++this.number;
      if (text !== null) lines.push({ number, text: withoutReturn(text) });
      else
        lines.push({
          number,
          text: withoutReturn(line.toString('utf8')),
          problem: 'the line is not UTF-8 text',
        });
      from = to + 1;
    }
    return lines;
  }
}

/**
 * The encoding that the first bytes beyond ASCII show; undefined while there are none. A broken piece in a UTF-8 file
 * must not turn all the rest to gibberish, so the characters vote: Cyrillic in Windows-1251 hardly ever makes a
 * valid sequence of UTF-8, and Cyrillic in UTF-8 makes nothing else.
 */
function guess(bytes: Buffer): Encoding | undefined {
  let valid = 0;
  let stray = 0;
  for (let at = 0; at < bytes.length;) {
    const length = sequenceAt(bytes, at);
    if (length > 1) valid += 1;
    else if (length === 0) stray += 1;
    at += Math.max(1, length);
  }
  if (valid + stray === 0) return undefined;
  return valid >= stray ? 'utf-8' : 'windows-1251';
}

/** Bytes of the UTF-8 character that begins there; 0 when none does. */
function sequenceAt(bytes: Buffer, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const length =
    lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
  for (let next = 1; next < length; next++) if (((bytes[at + next] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

const decoders = new Map<string, TextDecoder>();

function decodeOrNull(bytes: Buffer, encoding: Encoding): string | null {
  const name = encoding === 'utf-16le' ? 'utf-8' : encoding; // transcoded before it was cut
  let decoder = decoders.get(name);
  if (!decoder) decoders.set(name, (decoder = new TextDecoder(name, { fatal: true, ignoreBOM: true })));
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

function withoutReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}
