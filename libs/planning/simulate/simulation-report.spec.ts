import { describe, expect, test } from '@jest/globals';
import type { Decision, PlannedVisit, PublishedCampaign } from '../decide.js';
import type { SimulatedVisit } from './replay.js';
import { decisionLine, reportOf } from './simulation-report.js';

const campaign = { key: 'after' } as PublishedCampaign;
const visitOf = (visitKey: string): PlannedVisit =>
  ({ visitKey, centre: { zone: 'Europe/Kyiv' } }) as PlannedVisit;
const no = (key: string, reason: 'no_phone' | 'frequency_cap'): SimulatedVisit => ({
  visit: visitOf(key),
  decision: { decision: 'not_invited', reason, ...(reason === 'frequency_cap' ? { campaign } : {}) },
});
const yes = (key: string, plannedAt: string, channel: 'sms' | 'viber' = 'sms', parts = 2): SimulatedVisit => {
  const decision: Decision = { decision: 'invited', campaign, channel, parts, plannedAt: new Date(plannedAt), deadlineAt: new Date(plannedAt) }; // prettier-ignore
  return { visit: visitOf(key), decision };
};
const counts = { records: 9, duplicates: 1 };

describe('a simulation reports', () => {
  const simulated = [
    no('a', 'no_phone'),
    no('b', 'frequency_cap'),
    { visit: visitOf('c'), decision: { decision: 'control', campaign } } satisfies SimulatedVisit,
    yes('d', '2020-01-31T21:30:00Z'),
    yes('e', '2020-01-31T22:00:00Z', 'viber'),
    yes('f', '2020-01-31T22:59:59Z', 'sms', 1),
  ];
  const report = reportOf(simulated, counts, { responsePercent: 50, partPrice: 0.85 });

  test('decisions and reasons that add up to the visits', () => {
    expect(report).toMatchObject({ records: 9, duplicates: 1, visits: 6 });
    expect(report.decisions).toEqual({ invited: 3, control: 1, not_invited: 2 });
    expect(report.reasons).toMatchObject({ no_phone: 1, frequency_cap: 1, too_old: 0 });
    expect(Object.keys(report.reasons)).toHaveLength(14);
  });

  test('messages by hour and the busiest one', () => {
    expect(report.hours).toEqual([
      { hour: '2020-01-31T21:00Z', messages: 1 },
      { hour: '2020-01-31T22:00Z', messages: 2 },
    ]);
    expect(report.peak).toEqual({ hour: '2020-01-31T22:00Z', messages: 2 });
  });

  test('messages by hour of the day where the centre is, and the most on one day', () => {
    expect(report.dayHours).toEqual([
      { hour: '00:00', messages: 2, most: 2 },
      { hour: '23:00', messages: 1, most: 1 },
    ]);
    const twice = [yes('g', '2020-01-31T21:10:00Z'), ...simulated, yes('h', '2020-02-01T21:10:00Z')];
    expect(reportOf(twice, counts, { responsePercent: 50 }).dayHours.at(-1)).toEqual({ hour: '23:00', messages: 3, most: 2 }); // prettier-ignore
  });

  test('parts and cost by month of the centre’s calendar', () => {
    expect(report.months).toEqual([
      { month: '2020-01', invitations: 1, channels: { sms: 1, viber: 0 }, smsParts: 2, cost: 1.7 },
      { month: '2020-02', invitations: 2, channels: { sms: 1, viber: 1 }, smsParts: 3, cost: 2.55 },
    ]);
    expect(reportOf(simulated, counts, { responsePercent: 50 }).months[0]?.cost).toBeNull();
  });

  test('answers to be expected', () => {
    expect(report.expected).toEqual({ responsePercent: 50, answers: 2 });
  });

  test('nothing for no visits', () => {
    expect(reportOf([], { records: 0, duplicates: 0 }, { responsePercent: 10 })).toMatchObject({
      visits: 0,
      hours: [],
      peak: null,
      months: [],
      expected: { answers: 0 },
    });
  });
});

test.each([
  [
    'an invited visit',
    yes('A|2020-01-13|Г1', '2020-01-13T10:45:00Z'),
    'A|2020-01-13|Г1,invited,,after,sms,2020-01-13T10:45:00.000Z',
  ],
  ['one that no campaign took', no('a', 'no_phone'), 'a,not_invited,no_phone,,,'],
  ['one that its campaign refused', no('a', 'frequency_cap'), 'a,not_invited,frequency_cap,after,,'],
  ['a key that a spreadsheet would run', no('=1+1;@x', 'no_phone'), `"'=1+1;'@x",not_invited,no_phone,,,`],
  ['a key with a comma and quotes', no('К "1", зал', 'no_phone'), '"К ""1"", зал",not_invited,no_phone,,,'],
])('the decisions file shows %s', (_, simulated, expected) => {
  expect(decisionLine(simulated)).toBe(expected);
});
