import { expect, test } from '@jest/globals';
import { Vault } from '#contacts/vault';
import { PreparedBatch, type StagedRecord } from './prepared-batch.js';

test('rows are sorted into those to take, hashed under the key, and those not', () => {
  const vault = new Vault(Buffer.alloc(32, 7).toString('base64'));
  const record = {
    recordId: '1',
    attributes: {},
    phone: { status: 'missing' },
    finishedAt: new Date(0),
  } as StagedRecord['record'];
  const rejection = { reason: 'bad_row', detail: 'x' } as const;
  const batch = new PreparedBatch(vault, [{ line: 2, raw: 'a', read: record }]);
  batch.add({ line: 3, raw: 'b', read: rejection });
  const { staged: taken, rejected, size } = batch;
  expect(size).toBe(2);
  expect(taken).toMatchObject([{ line: 2, hash: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown }]);
  expect(rejected).toEqual([{ line: 3, raw: 'b', read: rejection }]);
});
