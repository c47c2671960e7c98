import { describe, expect, test } from '@jest/globals';
import { decide, type PlannedVisit, type PublishedCampaign } from './decide.js';
import { at, campaign, ledger, NOON, plan, visit } from './testing/decisions.js';

describe('frequency cap', () => {
  const after = (days: number, ms = 0): PlannedVisit =>
    visit({ finishedAt: new Date(NOON.getTime() + days * 86_400_000 + ms) });

  test('keeps a person apart by the whole period, on both sides, to the millisecond', () => {
    expect(plan(ledger([campaign()]), after(0), after(29), after(30, -1), after(30))).toEqual(['invited', 'frequency_cap', 'frequency_cap', 'invited']); // prettier-ignore
    expect(plan(ledger([campaign()]), after(30), after(0, 1), after(0))).toEqual(['invited', 'frequency_cap', 'invited']); // prettier-ignore
  });

  test('counts days on the calendar of the centre: thirty of them over the change of summer time are an hour short', () => {
    const march = (iso: string): PlannedVisit => visit({ finishedAt: at(iso) });
    expect(plan(ledger([campaign()]), march('2026-03-10T10:00:00Z'), march('2026-04-09T08:59:59Z'))).toEqual(['invited', 'frequency_cap']); // prettier-ignore
    expect(plan(ledger([campaign()]), march('2026-03-10T10:00:00Z'), march('2026-04-09T09:00:00Z'))).toEqual(['invited', 'invited']); // prettier-ignore
  });

  test('allows as many invitations as it says', () => {
    const twice = campaign({ cap: { invitations: 2, per: 'P30D' } });
    expect(plan(ledger([twice]), after(0), after(1), after(2))).toEqual([
      'invited',
      'invited',
      'frequency_cap',
    ]);
  });

  test('looks at invitations of every campaign, but only at the person’s own', () => {
    const other = campaign({ key: 'left', when: { outcomes: ['left'] } });
    const stranger = visit({ person: { id: 'p2', hash: 'p2', country: 'UA' } });
    expect(plan(ledger([campaign(), other]), visit(), visit({ outcome: 'left' }), stranger)).toEqual(['invited', 'frequency_cap', 'invited']); // prettier-ignore
  });

  test('does not count the visit’s own earlier plan, nor one that was taken back', () => {
    const state = ledger([campaign()]);
    const first = visit();
    expect(plan(state, first, { ...first, finishedAt: at('2020-01-13T11:00:00Z') })).toEqual([
      'invited',
      'invited',
    ]);
    expect(plan(state, { ...first, phoneStatus: 'bad', person: null }, visit())).toEqual([
      'bad_phone',
      'invited',
    ]);
  });

  test('compares planned times, so visits before and after a night may meet', () => {
    const evening = visit({ finishedAt: at('2020-01-13T17:30:00Z') });
    const decision = decide(evening, ledger([campaign()]));
    expect(decision).toMatchObject({ plannedAt: at('2020-01-14T07:00:00Z') });
  });
});

describe('the window', () => {
  test.each([
    ['a time inside it is kept', '2020-01-13T10:00:00Z', 'PT45M', '2020-01-13T10:45:00Z'],
    ['the evening waits for the morning', '2020-01-13T17:15:00Z', 'PT45M', '2020-01-14T07:00:00Z'],
    ['one second earlier still goes', '2020-01-13T17:14:59Z', 'PT45M', '2020-01-13T17:59:59Z'],
    ['Saturday evening waits for Monday', '2020-01-11T17:30:00Z', 'PT45M', '2020-01-13T07:00:00Z'],
    [
      'a delay in days keeps the hour over summer time',
      '2026-03-27T10:00:00Z',
      'P3D',
      '2026-03-30T09:00:00Z',
    ],
  ])('%s', (_, finished, delay, planned) => {
    const decision = decide(
      visit({ finishedAt: at(finished) }),
      ledger([campaign({ delay, maxAge: 'P5D' })]),
    );
    expect(decision).toMatchObject({ decision: 'invited', plannedAt: at(planned) });
  });

  test('is missed by a planned time later than finishedAt + maxAge, not by one that is equal', () => {
    const rules = (maxAge: string): PublishedCampaign => campaign({ maxAge });
    const evening = { finishedAt: at('2020-01-13T19:00:00Z') };
    expect(plan(ledger([rules('PT12H')]), visit(evening))).toEqual(['invited']);
    expect(plan(ledger([rules('PT11H59M')]), visit(evening))).toEqual(['window_missed']);
  });

  test('that stays shut for a year is missed', () => {
    const closed = Array.from({ length: 60 }, (_, week) => new Date(Date.UTC(2020, 0, 5 + 7 * week)).toISOString().slice(0, 10)); // prettier-ignore
    expect(plan(ledger([campaign({ window: { days: ['sun'], closed } })]), visit())).toEqual([
      'window_missed',
    ]);
  });
});

describe('limits', () => {
  const quota = campaign({ quota: { completes: 2, per: 'centre', every: 'P7D' } });
  const full = (rules: PublishedCampaign, times: string[], centre: string): string => {
    const state = ledger([rules]);
    for (const time of times) state.addCompletion(rules, centre, at(time));
    return plan(state, visit())[0] ?? '';
  };

  test('a quota counts what was completed in the period before the record arrived', () => {
    expect(full(quota, ['2020-01-06T10:00:01Z', '2020-01-13T09:00:00Z'], 'c1')).toBe('quota_full');
    expect(full(quota, ['2020-01-06T10:00:00Z', '2020-01-13T09:00:00Z'], 'c1')).toBe('invited');
    expect(full(quota, ['2020-01-06T10:00:01Z', '2020-01-13T09:00:00Z'], 'c2')).toBe('invited');
    const whole = campaign({ quota: { completes: 2, per: 'campaign', every: 'P7D' } });
    expect(full(whole, ['2020-01-06T10:00:01Z', '2020-01-13T09:00:00Z'], 'c2')).toBe('quota_full');
  });

  test('a budget is spent when the next message would exceed it, and free again after the period', () => {
    const person = (n: number, iso: string): PlannedVisit =>
      visit({ person: { id: `p${n}`, hash: `p${n}`, country: 'UA' }, finishedAt: at(iso) });
    const state = ledger([campaign({ budget: { parts: 5, every: 'P1M' } })]);
    expect(
      plan(
        state,
        person(1, '2020-01-13T10:00:00Z'),
        person(2, '2020-01-13T10:30:00Z'),
        person(3, '2020-01-13T11:00:00Z'),
        person(4, '2020-02-13T10:00:00Z'),
        person(5, '2020-02-13T10:00:01Z'),
      ),
    ).toEqual(['invited', 'invited', 'budget_exhausted', 'invited', 'budget_exhausted']);
  });

  test('a visit planned anew does not pay twice', () => {
    const state = ledger([campaign({ budget: { parts: 2, every: 'P1M' } })]);
    const one = visit();
    expect(plan(state, one, { ...one, finishedAt: at('2020-01-13T11:00:00Z') })).toEqual([
      'invited',
      'invited',
    ]);
  });
});
