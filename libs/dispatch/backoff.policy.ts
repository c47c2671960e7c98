const FIRST_MS = 5_000;
const LONGEST_MS = 15 * 60_000;
/** Share of the wait that the jitter may add or take. */
const JITTER = 0.25;

/**
 * Real milliseconds to wait before a deferred message is tried again: doubling from 5 s to 15 min, never shorter
 * than the carrier asked. The jitter comes from the message's id, so that messages deferred together come back
 * spread out and a rerun decides the same.
 */
export function backoffMs(messageId: string, attempt: number, askedMs = 0): number {
  const doubled = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 20));
  const spread = 1 + JITTER * (2 * fraction(`${messageId}:${attempt}`) - 1);
  // What the carrier asked is a floor: the spread may only add to it.
  return Math.round(Math.max(doubled * spread, askedMs * (1 + JITTER * fraction(messageId))));
}

/** 0 to 1 by FNV-1a: cheap, even, and the same in every process. */
function fraction(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  // The last bytes decide too little on their own; mix them into the high bits.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 12)) >>> 0) / 2 ** 32;
}
