/**
 * SQL that is true of a message that waits to be claimed, in the words of the partial index message_due: that holds those
 * under way as well, so that a claim has no index to change.
 */
export function isWaiting(message: string): string {
  return `${message}.standing in ('open', 'again') and ${message}.state = 'queued'`;
}
