import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { csvLine } from './csv.js';
import { disposition, FACTS, type InvitationFacts } from './disposition.js';
import { formatReport } from './format.js';
import { funnelReport as funnel } from './funnel-report.js';
import { ledgerReport as ledger } from './ledger-report.js';
import type { PathCount } from './path.sql.js';
import { reportQuestion } from './question.js';
import { ratesReport as rates } from './rates-report.js';

const whole = reportQuestion({ from: '2026-03-01', to: '2026-03-31' });
const byCentre = reportQuestion({ from: '2026-03-01', to: '2026-03-31', by: 'centre' });

const flagged = { robots: 0, staff: 0, any: 0, without: [], only: [] };
const ratesReport = (...given: Parameters<typeof rates>) => ({ ...rates(...given), flagged });
const ledgerReport = (...given: Parameters<typeof ledger>) => ({ ...ledger(...given), flagged });
const funnelReport = (...given: Parameters<typeof funnel>) => ({ ...funnel(...given), flagged });

function path(over: Partial<PathCount>, ...happened: (keyof InvitationFacts)[]): PathCount {
  const named = FACTS.map((fact) => [fact, happened.includes(fact)]);
  const facts = Object.fromEntries(named) as unknown as InvitationFacts;
  const { letter } = disposition(facts);
  return { by: [], decision: 'invited', reason: null, facts, letter, open: false, visits: 1, ...over };
}

const paths = [
  path({ by: ['kyiv-1'], visits: 3 }, 'sent', 'completed'),
  path({ by: ['kyiv-1'], visits: 7 }, 'sent'),
  path({ by: ['=cmd()'], decision: 'not_invited', reason: 'no_phone', visits: 2 }),
];

describe('a line of CSV', () => {
  test.each<[string, Parameters<typeof csvLine>[0], string]>([
    ['numbers and nothing', [1, 0.25, null, undefined, true], '1,0.25,,,true\r\n'],
    ['a negative number is a number', [-5], '-5\r\n'],
    ['quotes, commas and breaks', ['a"b', 'c,d', 'e\nf'], '"a""b","c,d","e\nf"\r\n'],
    ['a formula', ['=1+1', '+380', '-x', '@x'], "'=1+1,'+380,'-x,'@x\r\n"],
    ['a formula behind a semicolon', ['x;=1', 'y\n@z'], `"x;'=1","y\n'@z"\r\n`],
    ['a tab and a line end in front', ['\tx', '\rx'], `"'\tx","'\rx"\r\n`],
    ['a formula behind blanks', ['  =1'], "'  =1\r\n"],
  ])('%s', (_, values, line) => {
    expect(csvLine(values)).toBe(line);
  });
});

test('json is the report itself', () => {
  const report = ratesReport(whole, []);
  expect(JSON.parse(formatReport(report, 'json'))).toEqual(report);
});

describe('csv', () => {
  test('has a column for every figure, full precision and empty where undefined', () => {
    const rows = parse(formatReport(ratesReport(byCentre, paths), 'csv'), { columns: true });
    expect(rows).toHaveLength(2);
    expect(rows[1]).toMatchObject({ centre: 'kyiv-1', visits: '10', I: '3', RR1: '0.3', NC: '7' });
    expect(rows[0]).toMatchObject({ centre: "'=cmd()", invited: '0', RR1: '', RR2_low: '' });
  });

  test('a ledger shows every reason, also those that did not occur', () => {
    const [row] = parse<Record<string, string>>(formatReport(ledgerReport(byCentre, paths), 'csv'), {
      columns: true,
    });
    expect(row).toMatchObject({ visits: '2', not_invited: '2', no_phone: '2', quota_full: '0' });
  });
});

describe('table', () => {
  test('says how many visits are flagged, and what was done with them', () => {
    const some = { robots: 2, staff: 3, any: 4, without: [], only: [] };
    const last = (own: object): string | undefined =>
      formatReport({ ...rates(whole, []), flagged: { ...some, ...own } }, 'table')
        .trimEnd()
        .split('\n')
        .at(-1);
    expect(last({})).toBe('flagged visits: 4 (robots 2, staff 3)');
    expect(last({ without: ['robots'] })).toBe('flagged visits: 4 (robots 2, staff 3); left out: robots');
    expect(last({ only: ['staff'] })).toBe('flagged visits: 4 (robots 2, staff 3); only: staff');
    expect(formatReport(ratesReport(whole, []), 'table')).not.toContain('flagged');
  });

  test('one group is a list of all its figures', () => {
    const own = paths.map((row) => ({ ...row, by: [] }));
    const text = formatReport(ratesReport(whole, own), 'table');
    expect(text).toMatch(/^visits +12$/m);
    expect(text).toMatch(/^RR6 +30\.0 %$/m);
    expect(text).toMatch(/^e=E\/\(E\+NE\) +1$/m);
  });

  test('several groups are one line each, with a dash where undefined', () => {
    const lines = formatReport(ratesReport(byCentre, paths), 'table').trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^centre +visits +invited/);
    expect(lines[1]).toContain('–');
    expect(lines[2]).toContain('30.0 %');
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  });

  test('a funnel by centre', () => {
    expect(formatReport(funnelReport(byCentre, paths), 'table')).toMatch(
      /kyiv-1 +10 +10 +10 +10 +3 +3 +3 +3/,
    );
  });

  test('says so when there is nothing', () => {
    expect(formatReport(ledgerReport(byCentre, []), 'table')).toBe(
      'no visits from 2026-03-01 to 2026-03-31\n',
    );
  });
});
