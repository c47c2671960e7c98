import type { FactStatus } from './fact.sql.js';

export type ReceiptableState =
  'queued' | 'sending' | 'accepted' | 'delivered' | 'failed' | 'uncertain' | 'cancelled' | 'abandoned';

/**
 * The state of a message after a receipt; `wait` when the receipt came before its send was settled, and has to be
 * looked at again. Only forward: a receipt out of order changes nothing, and nothing leaves a settled state. One that
 * was `attempted` and waits to go again must not: the carrier has it after all.
 */
export function afterReceipt(
  state: ReceiptableState,
  status: FactStatus,
  attempted = true,
): ReceiptableState | 'wait' {
  if (state === 'sending' || (state === 'queued' && !attempted)) return 'wait';
  if (state !== 'queued' && state !== 'accepted' && state !== 'uncertain') return state;
  switch (status) {
    case 'accepted':
    case 'sent':
      return 'accepted';
    case 'delivered':
    case 'seen':
      return 'delivered';
    case 'undelivered':
    case 'failed':
      return 'failed';
  }
}

export interface ReceiptEffects {
  readonly sent: boolean;
  readonly delivered: boolean;
  readonly seen: boolean;
}

/** What a receipt of an invite or reminder tells about its invitation, whatever became of the message's row. */
export function factsOfReceipt(status: FactStatus): ReceiptEffects {
  const arrived = status === 'delivered' || status === 'seen';
  return {
    sent: status === 'accepted' || status === 'sent' || arrived,
    delivered: arrived,
    seen: status === 'seen',
  };
}
