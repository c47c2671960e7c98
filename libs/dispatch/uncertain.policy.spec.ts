import { expect, test } from '@jest/globals';
import { ABANDONED_AFTER_MS, BELIEVED_AFTER_MS, findingOf, type Finding } from './uncertain.policy.js';

type Case = [string, Parameters<typeof findingOf>[0], number, Finding, ('resend' | 'abandon')?];

test.each<Case>([
  [
    'the carrier has it',
    { outcome: 'accepted', externalId: 'SM1', parts: 2 },
    0,
    { to: 'accepted', externalId: 'SM1', parts: 2 },
  ],
  [
    'the carrier has it and tells no parts',
    { outcome: 'accepted', externalId: 'SM1' },
    0,
    { to: 'accepted', externalId: 'SM1', parts: null },
  ],
  [
    'the carrier refused the number',
    { outcome: 'rejected', scope: 'recipient', vendorCode: '1', detail: '' },
    0,
    { to: 'failed', reason: 'rejected_recipient', vendorCode: '1' },
  ],
  [
    'the person refused',
    { outcome: 'blocked', why: 'opted_out', detail: '' },
    0,
    { to: 'failed', reason: 'opted_out', vendorCode: null },
  ],
  ['it was certainly not sent', { outcome: 'deferred', detail: '' }, 0, { to: 'queued', by: 'lookup' }],
  [
    'no such message, but too early to believe it',
    'not_found',
    BELIEVED_AFTER_MS - 1,
    { to: 'uncertain' },
    'resend',
  ],
  [
    'no such message, time enough has passed, and the campaign wants it sent',
    'not_found',
    BELIEVED_AFTER_MS,
    { to: 'queued', by: 'lookup' },
    'resend',
  ],
  ['no such message is no proof', 'not_found', BELIEVED_AFTER_MS, { to: 'uncertain' }],
  ['no such message for an hour is given up', 'not_found', ABANDONED_AFTER_MS, { to: 'abandoned' }],
  ['the list cannot be read', { outcome: 'uncertain', detail: '' }, BELIEVED_AFTER_MS, { to: 'uncertain' }],
  ['nobody can be asked yet', undefined, ABANDONED_AFTER_MS - 1, { to: 'uncertain' }],
  ['nothing was learned in time', undefined, ABANDONED_AFTER_MS, { to: 'abandoned' }],
  [
    'nothing was learned, and the campaign accepts that',
    undefined,
    ABANDONED_AFTER_MS,
    { to: 'abandoned' },
    'abandon',
  ],
  [
    'nothing was learned, and the campaign wants it sent',
    undefined,
    ABANDONED_AFTER_MS,
    { to: 'queued', by: 'policy' },
    'resend',
  ],
  [
    'the list cannot be read for an hour',
    { outcome: 'uncertain', detail: '' },
    ABANDONED_AFTER_MS,
    { to: 'abandoned' },
  ],
])('%s', (_, answer, sinceMs, finding, policy = undefined) => {
  // prettier-ignore
  expect(findingOf(answer, sinceMs, policy)).toEqual(finding);
});
