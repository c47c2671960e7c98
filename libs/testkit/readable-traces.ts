/** The ways a number may stand in a dump or a log: national and international, grouped, escaped, as bytes. */
export function writingsOf(e164: string): string[] {
  const digits = e164.slice(1);
  const national = digits.slice(-9);
  const operator = national.slice(0, 2);
  const rest = national.slice(2);
  // Whatever stands before and between them, the same groups of digits follow each other.
  const groups = [[3, 2, 2], [3, 4], [2, 2, 3]].map((sizes) => inGroups(rest, sizes)); // prettier-ignore
  const grouped = [' ', '-', '.', '\u00a0'].flatMap((gap) => groups.map((group) => group.join(gap)));
  return [
    national,
    ...grouped,
    ...[' ', '-', ') ', ')', '.', '\u00a0'].map((gap) => `${operator}${gap}${rest}`),
    ...[e164, digits, `0${national}`].flatMap(bytesOf),
  ];
}

function inGroups(digits: string, sizes: readonly number[]): string[] {
  let at = 0;
  return sizes.map((size) => digits.slice(at, (at += size)));
}

/** Pieces of a message text by which it would be recognised, as text and as bytes; short words are no trace. */
export function textTraces(text: string): string[] {
  const pieces = text
    .split(/https?:\S+|["\\\n«»]/)
    .map((piece) => piece.trim())
    .filter((piece) => piece.length >= 12);
  const longest = pieces.sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? [] : [longest, ...bytesOf(longest)];
}

/** Hexadecimal as bytea prints it; base64 at each of the three places where the text may begin within a group. */
function bytesOf(text: string): string[] {
  const base64 = [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), Buffer.from(text)])
      .toString('base64')
      .replace(/=+$/, '');
    // The first and last characters also carry bits of what stands beside it.
    return whole.slice(before === 0 ? 0 : before + 1, -1);
  });
  return [Buffer.from(text).toString('hex'), ...base64];
}

/** Which of the traces stand in the text, each with the place around it. */
export function findsIn(text: string, traces: readonly string[]): string[] {
  return traces.flatMap((trace) => {
    const at = text.indexOf(trace);
    return at < 0 ? [] : [`${trace} in …${text.slice(Math.max(0, at - 80), at + 80)}…`];
  });
}
