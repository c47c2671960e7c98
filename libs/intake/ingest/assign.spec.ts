import { describe, expect, test } from '@jest/globals';
import { assign } from './assign.js';
import type { Revision } from './classify.js';
import type { KnownVisit } from './ingest.sql.js';

const revision = (recordId: string, visitKey: string, storedVisitId: string | null = null, current = true) =>
  ({ record: { recordId, visitKey }, storedVisitId, current }) as Revision;
const visit = (id: string, visit_key: string, claimed = false): KnownVisit => ({
  id,
  visit_key,
  claimed,
  decided: claimed,
});

/** `key(id): records` of each visit touched; `+` for one that the batch makes. */
const shape = (revisions: Revision[], stored: KnownVisit[] = []) =>
  assign(revisions, stored).visits.map(
    (v) => `${v.visitKey}(${v.stored?.id ?? '+'}): ${v.joining.map((r) => r.record.recordId).join(' ')}`,
  );

describe('gives a record', () => {
  test.each<[string, Revision[], KnownVisit[], string[]]>([
    ['a visit of its own', [revision('1', 'a'), revision('2', 'b')], [], ['a(+): 1', 'b(+): 2']],
    ['the visit another record of the batch makes', [revision('1', 'a'), revision('2', 'a')], [], ['a(+): 1 2']],
    ['the visit that is stored', [revision('1', 'a')], [visit('7', 'a')], ['a(7): 1']],
    ['its own visit when it is corrected', [revision('1', 'a', '7')], [visit('7', 'a')], ['a(7): 1']],
    ['another visit when its key is corrected', [revision('1', 'b', '7')], [visit('7', 'a')], ['a(7): ', 'b(+): 1']],
    ['another stored visit', [revision('1', 'b', '7')], [visit('7', 'a'), visit('8', 'b')], ['a(7): ', 'b(8): 1']],
    ['its own visit, whatever its key, once the message is on its way', [revision('1', 'b', '7')], [visit('7', 'a', true)], ['a(7): 1']],
    ['a visit whose message is on its way, to be attached', [revision('1', 'a')], [visit('7', 'a', true)], ['a(7): 1']],
    ['nothing when a later revision holds', [revision('1', 'a', null, false), revision('1', 'b')], [], ['b(+): 1']],
  ])('%s', (_what, revisions, stored, expected) => {
    expect(shape(revisions, stored)).toEqual(expected);
  }); // prettier-ignore
});

test('tells the visit of every record', () => {
  const { visitOf } = assign([revision('1', 'a'), revision('2', 'a', '7')], [visit('7', 'x', true)]);
  expect([...visitOf].map(([id, v]) => [id, v.visitKey])).toEqual([['1', 'a'], ['2', 'x']]); // prettier-ignore
});
