import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Vault } from '#contacts/vault';
import { SteppedClock } from '#kernel/clock';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { VisitIntake } from './visit-intake.js';

let t: TestDatabase;
let intake: VisitIntake;
beforeAll(async () => {
  t = await testDatabase();
  const clock = new SteppedClock(new Date('2026-03-02T12:00:00Z'));
  intake = new VisitIntake(t.db, new Vault(Buffer.alloc(32, 7).toString('base64')), clock);
});
afterAll(() => t.drop());

interface Posted {
  readonly source: string;
  readonly recordId: string;
  readonly visitKey: string;
  readonly centre: string;
  readonly desk: string;
  readonly calledAt: string | null;
  readonly finishedAt: string;
  readonly outcome: 'served' | 'left';
  readonly phone: string | null;
  readonly consent: 'granted' | 'refused' | 'unknown';
}

const minute = (n: number): string => `2026-03-02T08:${String(n).padStart(2, '0')}:00.000Z`;
const posted: fc.Arbitrary<Posted> = fc.record({
  source: fc.constant('hall'),
  recordId: fc.constantFrom('r1', 'r2', 'r3', 'r4'),
  visitKey: fc.constantFrom('v1', 'v2', 'v3'),
  centre: fc.constantFrom('A', 'B'),
  desk: fc.constantFrom('1', '2'),
  calledAt: fc.option(fc.integer({ min: 0, max: 9 }).map(minute)),
  finishedAt: fc.integer({ min: 5, max: 12 }).map(minute),
  outcome: fc.constantFrom('served', 'left'),
  phone: fc.constantFrom(null, '---', '0501234567', '0671234567'),
  consent: fc.constantFrom('granted', 'refused', 'unknown'),
});

/** What the rules of a visit say, written down a second time and as plainly as possible. */
function expectedVisits(records: readonly Posted[]) {
  const seen = new Map<string, Set<string>>();
  const current = new Map<string, Posted & { order: number }>();
  let accepted = 0;
  records.forEach((record, order) => {
    const contents = seen.get(record.recordId) ?? new Set<string>();
    seen.set(record.recordId, contents);
    if (contents.has(JSON.stringify(record))) return;
    contents.add(JSON.stringify(record));
    current.set(record.recordId, { ...record, order });
    accepted += 1;
  });
  const keys = [...new Set([...current.values()].map((record) => record.visitKey))].sort();
  const visits = keys.map((key) => {
    const legs = [...current.values()].filter((record) => record.visitKey === key);
    legs.sort((a, b) =>
      a.finishedAt === b.finishedAt ? a.order - b.order : a.finishedAt < b.finishedAt ? -1 : 1,
    );
    const length = (leg: Posted): number =>
      leg.calledAt === null ? 0 : Math.max(0, Date.parse(leg.finishedAt) - Date.parse(leg.calledAt));
    const longest = legs.find((leg) => legs.every((other) => length(other) <= length(leg)));
    const last = legs[legs.length - 1];
    const usable = legs.filter((leg) => leg.phone?.startsWith('0'));
    const stated = legs.filter((leg) => leg.phone !== null);
    const consents = legs.filter((leg) => leg.consent !== 'unknown');
    return {
      key,
      legs: legs.length,
      centre: longest?.centre,
      desk: longest?.desk,
      finishedAt: last?.finishedAt,
      outcome: last?.outcome,
      phone: usable.at(-1)?.phone ?? (stated.length > 0 ? 'bad' : 'missing'),
      consent: consents.at(-1)?.consent ?? 'unknown',
    };
  });
  return { visits, accepted };
}

async function storedVisits() {
  const { rows } = await t.db.query<
    Record<string, unknown> & { finishedAt: Date; phone_hash: Buffer | null }
  >(
    `select v.visit_key as key, v.legs, c.code as centre, v.desk, v.finished_at as "finishedAt", v.outcome, v.consent,
       v.phone_status, k.phone_hash
     from visit v join centre c on c.id = v.centre_id left join contact k on k.id = v.contact_id order by 1`,
  );
  const vault = new Vault(Buffer.alloc(32, 7).toString('base64'));
  const numbers = ['0501234567', '0671234567'].map((n) => [vault.phoneHashHex(`+38${n}`), n] as const);
  return rows.map(({ phone_status, phone_hash, finishedAt, ...visit }) => ({
    ...visit,
    finishedAt: finishedAt.toISOString(),
    phone: new Map(numbers).get(phone_hash?.toString('hex') ?? '') ?? phone_status,
  }));
}

test('however records are cut into batches, corrected and repeated, the visits are what the rules say', async () => {
  const batches = fc.array(fc.array(posted, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(batches, async (lists) => {
      await t.db.query('truncate visit, centre, contact, intake_batch cascade');
      let accepted = 0;
      let made = 0;
      for (const list of lists) {
        const summary = await intake.importRecords(list);
        expect(summary.read).toBe(summary.accepted + summary.duplicates);
        accepted += summary.accepted;
        made += summary.visits;
      }
      const expected = expectedVisits(lists.flat());
      expect(await storedVisits()).toEqual(expected.visits);
      expect(accepted).toBe(expected.accepted);
      expect(made).toBeGreaterThanOrEqual(expected.visits.length);
      // A second time, all of it is known.
      for (const list of lists)
        expect(await intake.importRecords(list)).toMatchObject({ accepted: 0, visits: 0 });
      expect(await storedVisits()).toEqual(expected.visits);
    }),
    { numRuns: 60 },
  );
});
