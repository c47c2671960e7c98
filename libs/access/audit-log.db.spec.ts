import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Vault } from '#contacts/vault';
import { SteppedClock } from '#kernel/clock';
import { firstHashingKey, newSecret } from '#kernel/sealing-key';
import { TEST_SECRET } from '#testkit/builders';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { chainHash, storable } from './audit-chain.js';
import { AuditLog, type Actor } from './audit-log.js';
import { auditPage } from './audit.sql.js';

const now = new Date('2026-03-02T12:00:00.123Z');
const olena: Actor = { kind: 'user', id: '7', name: 'olena@example.ua', address: '10.0.0.7' };
const clock = new SteppedClock(now);
let t: TestDatabase;
let log: AuditLog;

beforeAll(async () => {
  t = await testDatabase();
});
beforeEach(async () => {
  await unlocked('truncate audit_entry');
  clock.set(now);
  log = new AuditLog(new Vault(TEST_SECRET), clock);
});
afterAll(() => t.drop());

/** What only the owner of the database can do, and a reader of the chain must notice. */
async function unlocked(statement: string): Promise<void> {
  await t.db.query('alter table audit_entry disable trigger all');
  await t.db.query(statement);
  await t.db.query('alter table audit_entry enable trigger all');
}

async function fill(n: number): Promise<void> {
  for (let i = 1; i <= n; i++) {
    clock.advance(1000);
    await log.record(t.db, {
      by: olena,
      action: i % 2 ? 'user.changed' : 'number.seen',
      on: { kind: 'user', id: String(i) },
      before: { role: 'analyst', centres: ['b', 'a'], depth: { z: 1, a: [null, true] } },
      after: { role: 'operator', at: now },
    });
  }
}

describe('the audit log', () => {
  test('keeps who, when, from where, what, before and after', async () => {
    await fill(1);
    const [entry] = await auditPage(t.db, { limit: 10, olderThan: undefined });
    expect(entry).toEqual({
      id: '1',
      happenedAt: new Date(now.getTime() + 1000),
      actorKind: 'user',
      actorId: '7',
      actorName: 'olena@example.ua',
      address: '10.0.0.7',
      action: 'user.changed',
      subjectKind: 'user',
      subjectId: '1',
      before: { role: 'analyst', centres: ['b', 'a'], depth: { z: 1, a: [null, true] } },
      after: { role: 'operator', at: now.toISOString() },
    });
  });

  test.each(['update audit_entry set action = $$x$$', 'delete from audit_entry', 'truncate audit_entry'])(
    'refuses %s',
    async (statement) => {
      await fill(2);
      await expect(t.db.query(statement)).rejects.toThrow(/audit_entry only grows/);
      expect((await log.verify(t.db)).entries).toBe(2);
    },
  );

  test('is one unbroken chain whoever writes at the same time', async () => {
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        i % 2
          ? log.record(t.db, { by: { ...olena }, action: 'a' })
          : t.db.transaction((tx) => log.record(tx, { by: { ...olena }, action: 'b' })),
      ),
    );
    expect(await log.verify(t.db)).toMatchObject({
      entries: 40,
      faults: [],
      head: { id: '40' },
    });
  });

  test('forgets with the change it belongs to', async () => {
    await fill(1);
    const undone = t.db.transaction(async (tx) => {
      await log.record(tx, { by: olena, action: 'user.added' });
      throw new Error('the change failed');
    });
    await expect(undone).rejects.toThrow('the change failed');
    await fill(1);
    expect(await log.verify(t.db)).toMatchObject({ entries: 2, faults: [] });
  });

  test('knows which actors it has an entry of', async () => {
    const stranger = { ...olena };
    await log.record(t.db, { by: olena, action: 'a' });
    expect([log.hasRecorded(olena), log.hasRecorded(stranger)]).toEqual([true, false]);
  });

  test('holds no number and nothing that the database cannot store', async () => {
    await log.record(t.db, {
      by: { ...olena, name: '+380 50 111-22-33' },
      action: 'a',
      on: { kind: 'phone', id: '+380501112233' },
      after: {
        note: 'call 0501112233\u0000 or 380501112233 \ud800!',
        [`+380501112233`]: [1, undefined, NaN],
      },
    });
    const { rows } = await t.db.query<{ text: string }>(
      'select row_to_json(e)::text as text from audit_entry e',
    );
    expect(rows[0]?.text).not.toMatch(/50.?111|\\u0000/);
    expect((await log.verify(t.db)).faults).toEqual([]);
  });
});

describe('verifying', () => {
  test.each<[string, string, string, string]>([
    [
      'a row that was changed',
      `update audit_entry set actor_name = 'mykola' where id = 3`,
      '3',
      'was changed',
    ],
    [
      'what was before',
      `update audit_entry set before = before || '{"role": "admin"}' where id = 2`,
      '2',
      'was changed',
    ],
    [
      'a time',
      `update audit_entry set happened_at = happened_at + interval '1 second' where id = 5`,
      '5',
      'was changed',
    ],
    [
      'a row that is gone',
      'delete from audit_entry where id = 3',
      '4',
      'rows before it are missing, after 2',
    ],
    [
      'the first row gone',
      'delete from audit_entry where id = 1',
      '2',
      'rows before it are missing, after 0',
    ],
    ['a forged hash', `update audit_entry set hash = sha256('x') where id = 4`, '4', 'was changed'],
    ['a forged seal', `update audit_entry set seal = sha256('x') where id = 4`, '4', 'its seal does not fit'],
  ])('shows %s', async (_, tampering, id, what) => {
    await fill(5);
    await unlocked(tampering);
    expect((await log.verify(t.db)).faults[0]).toEqual({ id, what });
  });

  test('shows a whole tail that was written anew by someone without the key', async () => {
    await fill(3);
    const { rows } = await t.db.query<{ previous: Buffer }>(
      'select previous_hash as previous from audit_entry where id = 3',
    );
    const [entry] = await auditPage(t.db, { limit: 1, olderThan: undefined });
    if (!entry) throw new Error('no entry');
    const forged = chainHash(rows[0]?.previous ?? Buffer.alloc(0), { ...entry, actorName: 'mykola' });
    await unlocked(
      `update audit_entry set actor_name = 'mykola', hash = decode('${forged.toString('hex')}', 'hex') where id = 3`,
    );
    expect(await log.verify(t.db)).toMatchObject({
      faults: [{ id: '3', what: 'its seal does not fit' }],
    });
  });

  test('holds after the sealing key was changed, and shows that another database has another key', async () => {
    await fill(2);
    const hashingKey = firstHashingKey(TEST_SECRET);
    const rotated = { current: newSecret(), previous: [], hashingKey };
    expect(await new AuditLog(new Vault(rotated), clock).verify(t.db)).toMatchObject({
      entries: 2,
      faults: [],
    });
    const foreign = new AuditLog(new Vault(newSecret()), clock);
    expect((await foreign.verify(t.db)).faults).toEqual([
      { id: '1', what: 'its seal does not fit' },
      { id: '2', what: 'its seal does not fit' },
    ]);
  });

  test('shows an end that was cut off, to whoever noted the head', async () => {
    await fill(4);
    const { head } = await log.verify(t.db);
    if (!head) throw new Error('no head');
    expect((await log.verify(t.db, head)).faults).toEqual([]);
    await unlocked('delete from audit_entry where id = 4');
    expect((await log.verify(t.db)).faults).toEqual([]);
    expect((await log.verify(t.db, head)).faults).toEqual([
      { id: '4', what: 'is gone: the end was cut off' },
    ]);
    await fill(1);
    expect((await log.verify(t.db, head)).faults).toEqual([
      { id: '4', what: 'is not the entry that was noted' },
    ]);
  });

  test('an empty log has nothing wrong', async () => {
    expect(await log.verify(t.db)).toEqual({ entries: 0, head: null, faults: [] });
  });
});

test('a page is filtered by who, what, on what and when', async () => {
  await fill(6);
  const ids = async (filter: object) =>
    (await auditPage(t.db, { limit: 10, olderThan: undefined, ...filter })).map(({ id }) => id);
  expect(await ids({})).toEqual(['6', '5', '4', '3', '2', '1']);
  expect(await ids({ olderThan: '4', limit: 1 })).toEqual(['3', '2']);
  expect(await ids({ action: 'number.seen' })).toEqual(['6', '4', '2']);
  expect(await ids({ subject: 'user:3' })).toEqual(['3']);
  expect(await ids({ subject: 'visit' })).toEqual([]);
  expect(await ids({ actor: 'nobody' })).toEqual([]);
  expect(await ids({ from: new Date(now.getTime() + 5000) })).toEqual(['6', '5']);
  expect(await ids({ before: new Date(now.getTime() + 2000) })).toEqual(['1']);
});

test.each([
  ['an id stays', '123456789012345678', '123456789012345678'],
  ['a time stays', new Date(0), '1970-01-01T00:00:00.000Z'],
  ['a day stays', '2026-03-02', '2026-03-02'],
  ['a number goes', 'to +38 (050) 111-22-33', 'to [number]'],
  ['a big integer becomes text', 5n, '5'],
])('of values, %s', (_, value, expected) => {
  expect(storable(value)).toEqual(expected);
});
