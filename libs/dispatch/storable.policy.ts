import type { SendOutcome } from '#channels/channel';
import { cleanText } from '#channels/webhook';

/** Longest id of a carrier that is believed; Twilio's have 34 characters, Viber's 19. An index row holds some 2,700 bytes. */
const LONGEST_ID = 200;
const LONGEST_CODE = 100;
const LONGEST_DETAIL = 500;
/** Of a smallint. */
const MOST_PARTS = 32_767;

/**
 * The outcome as PostgreSQL can keep it: a carrier may answer anything, and one result that cannot be written must not
 * hold up the others. An acceptance whose id is none leaves it open what was accepted: the message is in doubt, and
 * lookup or receipt ends that.
 */
export function storable(outcome: SendOutcome): SendOutcome {
  if (outcome.outcome === 'accepted') return acceptance(outcome);
  const { vendorCode } = outcome;
  return {
    ...outcome,
    detail: clip(outcome.detail, LONGEST_DETAIL),
    ...(vendorCode === undefined ? {} : { vendorCode: clip(vendorCode, LONGEST_CODE) }),
  };
}

function acceptance(outcome: Extract<SendOutcome, { outcome: 'accepted' }>): SendOutcome {
  const { externalId, parts } = outcome;
  if (externalId === '' || externalId.length > LONGEST_ID || cleanText(externalId) !== externalId) {
    return { outcome: 'uncertain', detail: 'accepted with an id that cannot be kept' };
  }
  if (parts === undefined) return outcome;
  const plausible = Number.isInteger(parts) && parts > 0 && parts <= MOST_PARTS;
  return plausible ? outcome : { outcome: 'accepted', externalId };
}

function clip(text: string, length: number): string {
  // Cleaned last: the cut may have halved a surrogate pair.
  return cleanText(text.slice(0, length));
}
