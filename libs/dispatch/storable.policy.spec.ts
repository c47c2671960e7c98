import { expect, test } from '@jest/globals';
import type { SendOutcome } from '#channels/channel';
import { storable } from './storable.policy.js';

const doubt: SendOutcome = { outcome: 'uncertain', detail: 'accepted with an id that cannot be kept' };

test.each<[string, SendOutcome, SendOutcome]>([
  ['an ordinary acceptance', { outcome: 'accepted', externalId: 'SM1', parts: 2 }, { outcome: 'accepted', externalId: 'SM1', parts: 2 }],
  ['without parts', { outcome: 'accepted', externalId: '5741311803571721087' }, { outcome: 'accepted', externalId: '5741311803571721087' }],
  ['an id with a NUL', { outcome: 'accepted', externalId: 'SM\u00001' }, doubt],
  ['an id with half a surrogate pair', { outcome: 'accepted', externalId: 'SM\ud800' }, doubt],
  ['an empty id', { outcome: 'accepted', externalId: '' }, doubt],
  ['an endless id', { outcome: 'accepted', externalId: 'S'.repeat(201) }, doubt],
  ['the longest id', { outcome: 'accepted', externalId: 'S'.repeat(200) }, { outcome: 'accepted', externalId: 'S'.repeat(200) }],
  ['too many parts for a number of ours', { outcome: 'accepted', externalId: 'SM1', parts: 32_768 }, { outcome: 'accepted', externalId: 'SM1' }],
  ['parts that are none', { outcome: 'accepted', externalId: 'SM1', parts: 1.5 }, { outcome: 'accepted', externalId: 'SM1' }],
  ['words with NUL and half a pair', { outcome: 'deferred', detail: 'a\u0000b\udc00', vendorCode: '2\u0000' }, { outcome: 'deferred', detail: 'ab\ufffd', vendorCode: '2' }],
  ['endless words', { outcome: 'rejected', scope: 'content', detail: 'я'.repeat(9_000), vendorCode: '7'.repeat(900) }, { outcome: 'rejected', scope: 'content', detail: 'я'.repeat(500), vendorCode: '7'.repeat(100) }],
  ['a cut through a pair', { outcome: 'uncertain', detail: `${'a'.repeat(499)}😀` }, { outcome: 'uncertain', detail: `${'a'.repeat(499)}\ufffd` }],
])('%s', (_, given, kept) => {
  expect(storable(given)).toEqual(kept);
}); // prettier-ignore
