/**
 * SQL that is true of what the partial index message_due holds: what waits to be claimed and what is under way, so that a
 * claim has no index to change.
 */
export function inDueIndex(message: string): string {
  return `${message}.standing in ('open', 'again')`;
}

/** SQL that is true of a message that waits to be claimed, in words by which message_due is found. */
export function isWaiting(message: string): string {
  return `${inDueIndex(message)} and ${message}.state = 'queued'`;
}
