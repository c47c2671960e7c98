import { isMobile, isNumber } from '../phones/number.js';
import { requireLoopback } from '../webhooks.js';

/** A request for sending that Twilio would take. */
export interface TwilioRequest {
  readonly to: string;
  readonly from?: string;
  readonly serviceSid?: string;
  readonly body: string;
  /** As given, with its #fragment of connection overrides. */
  readonly statusCallback?: string;
  /** Real seconds; Twilio's default is ten hours. */
  readonly validitySeconds: number;
}

export type TwilioProblem = { readonly code: number; readonly message?: string };

/** Twilio's checks of a create request in their usual order. twilio.com/docs/messaging/api/message-resource */
export function readTwilioForm(form: URLSearchParams): TwilioRequest | TwilioProblem {
  const to = form.get('To') ?? '';
  const from = form.get('From') ?? '';
  const serviceSid = form.get('MessagingServiceSid') ?? '';
  const body = form.get('Body') ?? '';
  const statusCallback = form.get('StatusCallback') ?? '';
  const validity = form.get('ValidityPeriod') ?? '36000';
  if (to === '') return { code: 21604 };
  if (from === '' && serviceSid === '') return { code: 21603 };
  if (!isNumber(to)) return { code: 21211, message: `The 'To' number ${to} is not a valid phone number.` };
  if (!isMobile(to)) return { code: 21614 };
  if (body === '') return { code: 21602 };
  if ([...body].length > 1600) return { code: 21617 };
  if (serviceSid === '' && !isSender(from)) return { code: 21606 };
  if (!/^\d{1,5}$/.test(validity) || Number(validity) < 1 || Number(validity) > 36_000)
    return { code: 21624 };
  const problem = statusCallback === '' ? undefined : callbackProblem(statusCallback);
  if (problem !== undefined) return { code: 21609, message: problem };
  return {
    to,
    body,
    validitySeconds: Number(validity),
    ...(from === '' ? {} : { from }),
    ...(serviceSid === '' ? {} : { serviceSid }),
    ...(statusCallback === '' ? {} : { statusCallback }),
  };
}

/** A number, or up to 11 letters, digits, spaces and a few signs with at least one letter. */
function isSender(from: string): boolean {
  return isNumber(from) || /^\d{3,8}$/.test(from) || isAlphanumeric(from);
}

/** A sender that is a name: nobody can answer it. */
export function isAlphanumeric(sender: string): boolean {
  return /^(?=.*[A-Za-z])[A-Za-z0-9 &+_-]{1,11}$/.test(sender);
}

function callbackProblem(url: string): string | undefined {
  try {
    requireLoopback(url);
    return undefined;
  } catch {
    return "The 'StatusCallback' URL is not a valid URL. (The sandbox calls loopback addresses only.)";
  }
}
