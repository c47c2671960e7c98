import { secretsEqual } from '#kernel/ids';
import type { SandboxAccounts } from '../options.js';

/** Whether an Authorization header names the account and its token, as HTTP Basic. */
export function isTwilioAccount(
  { accountSid, authToken }: SandboxAccounts['twilio'],
  authorization: string | undefined,
): boolean {
  const [scheme, given = ''] = (authorization ?? '').split(' ');
  const expected = Buffer.from(`${accountSid}:${authToken}`).toString('base64');
  return scheme?.toLowerCase() === 'basic' && secretsEqual(given, expected);
}
