import { UnreadLine } from '#intake/read/posted-records';
import { textLines } from '#intake/read/text-lines';

/**
 * The records of an NDJSON stream in lists of at most `size`, with blank lines left out. A line that is no JSON
 * stays text, which intake rejects as a row that is no record, and one that is no UTF-8 says so: one broken line stops nothing.
 */
export async function* postedLines(stream: AsyncIterable<unknown>, size: number): AsyncGenerator<unknown[]> {
  let list: unknown[] = [];
  for await (const lines of textLines(stream, 'utf-8')) {
    for (const { text, problem } of lines) {
      if (problem === undefined && text.trim() === '') continue;
      list.push(problem === undefined ? parsed(text) : new UnreadLine(text, problem));
      if (list.length === size) {
        yield list;
        list = [];
      }
    }
  }
  if (list.length > 0) yield list;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
