import { describe, expect, test } from '@jest/globals';
import { classify, type RepeatOf } from './classify.js';
import type { KnownRevision } from './ingest.sql.js';
import type { StagedRecord } from './prepared-batch.js';

/** `id:content`, a record whose hash is its content. */
const staged = (...given: string[]): StagedRecord[] =>
  given.map((text, i) => {
    const [recordId = '', hash = ''] = text.split(':');
    return { line: i + 1, record: { recordId } as StagedRecord['record'], hash };
  });
/** `id:revision:content`, `*` behind the current one. */
const known = (...given: string[]): KnownRevision[] =>
  given.map((text) => {
    const [record_id = '', revision = '', hash = ''] = text.split(':');
    return {
      record_id,
      revision: Number(revision),
      hash: hash.replace('*', ''),
      current: hash.endsWith('*'),
      visit_id: `v-${record_id}`,
    };
  });
/** `id:revision:content` of what is new, `*` behind what holds, and the visit it comes from. */
const outcome = (records: StagedRecord[], stored: KnownRevision[] = [], repeatOf: RepeatOf = 'any') =>
  classify(records, stored, repeatOf).map(
    (r) =>
      `${r.record.recordId}:${r.revision}:${r.hash}${r.current ? '*' : ''}${r.storedVisitId ? `<${r.storedVisitId}` : ''}`,
  );

describe('new, corrected or repeated', () => {
  test.each<[string, StagedRecord[], KnownRevision[], string[]]>([
    ['a record nobody knows', staged('1:a'), [], ['1:1:a*']],
    ['the same again', staged('1:a'), known('1:1:a*'), []],
    ['other content', staged('1:b'), known('1:1:a*'), ['1:2:b*<v-1']],
    ['a content it had before', staged('1:a'), known('1:1:a', '1:2:b*'), []],
    ['the same twice in a batch', staged('1:a', '1:a'), [], ['1:1:a*']],
    ['corrected within a batch', staged('1:a', '1:b'), [], ['1:1:a', '1:2:b*']],
    ['corrected twice and back', staged('1:a', '1:b', '1:a', '1:c'), [], ['1:1:a', '1:2:b', '1:3:c*']],
    ['corrected further than stored', staged('1:a', '1:b', '1:c'), known('1:1:a', '1:2:b*'), ['1:3:c*<v-1']],
    ['records that do not touch each other', staged('1:a', '2:a', '1:b'), known('3:1:a*'), ['1:1:a', '2:1:a*', '1:2:b*']],
    ['stored revisions in any order', staged('1:c'), known('1:2:b*', '1:1:a'), ['1:3:c*<v-1']],
  ])('%s', (_what, records, stored, expected) => {
    expect(outcome(records, stored)).toEqual(expected);
  }); // prettier-ignore

  test.each<[string, StagedRecord[], KnownRevision[], string[]]>([
    ['a change back is a change', staged('1:a'), known('1:1:a', '1:2:b*'), ['1:3:a*<v-1']],
    ['the present content is a repeat', staged('1:b'), known('1:1:a', '1:2:b*'), []],
    ['to and fro within a page', staged('1:a', '1:b', '1:a'), [], ['1:1:a', '1:2:b', '1:3:a*']],
  ])('from a table, %s', (_what, records, stored, expected) => {
    expect(outcome(records, stored, 'current')).toEqual(expected);
  });
});
