import { describe, expect, test } from '@jest/globals';
import { rollUp, type Leg } from './roll-up.js';

const at = (time: string) => new Date(`2026-03-02T${time}:00Z`);
let order = 0;
const leg = (given: Partial<Leg>): Leg => ({
  order: order++,
  centreCode: 'A',
  serviceCode: null,
  serviceName: null,
  desk: null,
  employee: null,
  outcome: 'served',
  arrivedAt: null,
  calledAt: null,
  finishedAt: at('10:00'),
  contactId: null,
  phoneStatus: 'missing',
  consent: 'unknown',
  language: null,
  attributes: {},
  ...given,
});
const early = leg({ calledAt: at('09:00'), finishedAt: at('09:10'), desk: 'early', outcome: 'left' });
const late = leg({ calledAt: at('09:30'), finishedAt: at('09:40'), desk: 'late', outcome: 'redirected' });

describe('one visit of several legs', () => {
  test('ends, and ends up, as its last leg', () => {
    expect(rollUp([late, early])).toMatchObject({ finishedAt: at('09:40'), outcome: 'redirected', legs: 2 });
  });

  test('belongs to the longest leg', () => {
    const long = leg({
      calledAt: at('09:10'), finishedAt: at('09:30'), centreCode: 'B', serviceCode: '7', serviceName: 'Паспорт',
      desk: 'long', employee: 'e-1',
    }); // prettier-ignore
    expect(rollUp([early, long, late])).toMatchObject({
      centreCode: 'B', serviceCode: '7', serviceName: 'Паспорт', desk: 'long', employee: 'e-1', outcome: 'redirected',
    }); // prettier-ignore
  });

  test.each([
    ['in order', [early, late]],
    ['out of order', [late, early]],
  ])('of equally long legs the first counts, when they come %s', (_how, legs) => {
    expect(rollUp(legs as [Leg, Leg]).desk).toBe('early');
  });

  test('a leg without calledAt, or called after it ended, has no length', () => {
    const unknown = leg({ finishedAt: at('08:00'), desk: 'unknown' });
    const backwards = leg({ calledAt: at('09:00'), finishedAt: at('08:00'), desk: 'backwards' });
    expect(rollUp([unknown, backwards, early]).desk).toBe('early');
    expect(rollUp([unknown, backwards]).desk).toBe('unknown');
  });

  test('legs that end together go by the order they came in', () => {
    const first = leg({ finishedAt: at('10:00'), outcome: 'left', language: 'uk' });
    const second = leg({ finishedAt: at('10:00'), outcome: 'served', language: 'pl' });
    expect(rollUp([second, first])).toMatchObject({ outcome: 'served', language: 'pl' });
  });

  test('arrival is the earliest one stated', () => {
    expect(rollUp([early, late]).arrivedAt).toBeNull();
    const arrived = [leg({ arrivedAt: at('08:50') }), leg({ arrivedAt: at('08:40') }), leg({})] as const;
    expect(rollUp([...arrived]).arrivedAt).toEqual(at('08:40'));
  });

  test('consent and language are the last ones stated, attributes lie over each other', () => {
    const first = leg({
      ...early,
      consent: 'refused',
      language: 'uk',
      attributes: { exam: false, room: '3' },
    });
    const second = leg({ ...late, attributes: { exam: true } });
    expect(rollUp([first, second])).toMatchObject({
      consent: 'refused',
      language: 'uk',
      attributes: { exam: true, room: '3' },
    });
  });

  test.each<[string, Partial<Leg>[], Partial<Leg>]>([
    ['the last usable one', [{ phoneStatus: 'ok', contactId: '1' }, { phoneStatus: 'ok', contactId: '2' }], { phoneStatus: 'ok', contactId: '2' }],
    ['the usable one, though a dash was typed later', [{ phoneStatus: 'ok', contactId: '1' }, { phoneStatus: 'bad' }], { phoneStatus: 'ok', contactId: '1' }],
    ['the one stated, though a later leg states none', [{ phoneStatus: 'not_mobile' }, { phoneStatus: 'missing' }], { phoneStatus: 'not_mobile', contactId: null }],
    ['none when no leg states one', [{}, {}], { phoneStatus: 'missing', contactId: null }],
  ])('the phone is %s', (_which, [a = {}, b = {}], phone) => {
    expect(rollUp([leg({ ...a, finishedAt: at('09:00') }), leg({ ...b, finishedAt: at('09:30') })])).toMatchObject(phone);
  }); // prettier-ignore
});

test('a visit of one leg is that leg', () => {
  const only = leg({
    calledAt: at('09:00'),
    attributes: { a: 1 },
    phoneStatus: 'ok',
    contactId: '5',
    consent: 'granted',
  });
  const { legs, ...visit } = rollUp([only]);
  expect(legs).toBe(1);
  expect(only).toMatchObject(visit);
  expect(Object.keys(visit).sort()).toEqual(
    Object.keys(only)
      .filter((k) => k !== 'order' && k !== 'calledAt')
      .sort(),
  );
});
