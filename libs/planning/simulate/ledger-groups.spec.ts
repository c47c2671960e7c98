import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DIMENSIONS, type Dimension } from '#kernel/dimensions';
import { REASONS, type Decision, type PlannedVisit, type PublishedCampaign } from '../decide.js';
import { ledgerGroups } from './ledger-groups.js';
import type { SimulatedVisit } from './replay.js';

const campaign = { key: 'after' } as PublishedCampaign;
const plannedAt = new Date('2021-01-04T10:00:00Z');
const invited: Decision = { decision: 'invited', campaign, channel: 'viber', parts: 2, plannedAt, deadlineAt: plannedAt }; // prettier-ignore
const refused: Decision = { decision: 'not_invited', reason: 'frequency_cap', campaign };
const noPhone: Decision = { decision: 'not_invited', reason: 'no_phone' };
const simulated = (
  code: string,
  finishedAt: string,
  decision: Decision,
  more: Partial<PlannedVisit> = {},
): SimulatedVisit => ({
  visit: {
    centre: { code, zone: 'Europe/Kyiv' },
    finishedAt: new Date(finishedAt),
    serviceCode: null,
    language: null,
    ...more,
  } as PlannedVisit,
  decision,
});
const wording = ({ decision }: SimulatedVisit) =>
  decision.decision === 'invited' ? { variant: 'hello', locale: 'uk' } : undefined;

const visits = [
  simulated('B', '2021-01-03T21:30:00Z', invited, { serviceCode: 'id', language: 'en' }),
  simulated('A', '2021-01-03T22:30:00Z', refused, { serviceCode: 'id' }),
  simulated('A', '2021-01-31T22:30:00Z', noPhone, { language: 'en' }),
];

describe('the ledger of a simulation', () => {
  test('is one group without dimensions', () => {
    expect(ledgerGroups(visits, [], wording)).toEqual([
      {
        by: {},
        visits: 3,
        decisions: { invited: 1, control: 0, not_invited: 2 },
        reasons: { no_phone: 1, frequency_cap: 1 },
      },
    ]);
  });

  test.each<[Dimension, [string | null, number][]]>([
    ['centre', [['A', 2], ['B', 1]]],
    ['service', [['id', 2], [null, 1]]],
    ['campaign', [['after', 2], [null, 1]]],
    ['channel', [['viber', 1], [null, 2]]],
    ['variant', [['hello', 1], [null, 2]]],
    ['language', [['en', 1], ['uk', 1], [null, 1]]],
    ['day', [['2021-01-03', 1], ['2021-01-04', 1], ['2021-02-01', 1]]],
    ['week', [['2020-W53', 1], ['2021-W01', 1], ['2021-W05', 1]]],
    ['month', [['2021-01', 2], ['2021-02', 1]]],
  ])('by %s, days being those of the centre', (dimension, expected) => {
    const groups = ledgerGroups(visits, [dimension], wording);
    expect(groups.map(({ by, visits: count }) => [by[dimension], count])).toEqual(expected);
  }); // prettier-ignore

  test('by several dimensions at once', () => {
    expect(ledgerGroups(visits, ['month', 'centre'], wording).map(({ by }) => by)).toEqual([
      { month: '2021-01', centre: 'A' },
      { month: '2021-01', centre: 'B' },
      { month: '2021-02', centre: 'A' },
    ]);
  });

  test('adds up to the visits under any grouping', () => {
    const any = fc.record({
      code: fc.constantFrom('A', 'B', 'C'),
      day: fc.integer({ min: 0, max: 80 }),
      decision: fc.oneof(
        fc.constant<Decision>(invited),
        fc.constant<Decision>({ decision: 'control', campaign }),
        fc.constantFrom(...REASONS).map((reason): Decision => ({ decision: 'not_invited', reason })),
      ),
      serviceCode: fc.constantFrom(null, 'id'),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 60 }), fc.subarray([...DIMENSIONS]), (drawn, by) => {
        const all = drawn.map(({ code, day, decision, serviceCode }) =>
          simulated(code, new Date(Date.UTC(2020, 11, 1 + day)).toISOString(), decision, { serviceCode }),
        );
        const groups = ledgerGroups(all, by, wording);
        const sum = (of: (group: (typeof groups)[number]) => number) =>
          groups.reduce((total, group) => total + of(group), 0);
        expect(sum((g) => g.visits)).toBe(all.length);
        for (const { visits: count, decisions, reasons } of groups) {
          expect(decisions.invited + decisions.control + decisions.not_invited).toBe(count);
          expect(Object.values(reasons).reduce((a, b) => a + b, 0)).toBe(decisions.not_invited);
        }
      }),
    );
  });
});
