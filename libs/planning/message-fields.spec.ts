import { describe, expect, test } from '@jest/globals';
import type { PlannedVisit, PublishedCampaign } from './decide.js';
import { localeOf, messageFields, PartsEstimate } from './message-fields.js';

const visit = (given: Partial<PlannedVisit> = {}): PlannedVisit => ({
  id: '1',
  source: 'test',
  visitKey: '1',
  centre: { id: '1', code: 'A', name: 'ЦНАП Львів', zone: 'Europe/Kyiv' },
  serviceCode: '1',
  serviceName: 'Паспорт',
  language: null,
  outcome: 'served',
  phoneStatus: 'ok',
  person: { id: '1', hash: '1', country: 'UA' },
  consent: 'granted',
  finishedAt: new Date('2019-12-31T22:30:00Z'),
  reachedAt: new Date('2019-12-31T22:30:00Z'),
  ...given,
});
const campaign = (sender?: Record<string, string>): PublishedCampaign =>
  ({ key: 'after', locales: ['uk', 'en'], ...(sender ? { sender } : {}) }) as unknown as PublishedCampaign;
const expires = new Date('2020-01-07T23:00:00Z');

test.each([
  ['en', 'en'],
  ['EN_us', 'en'],
  ['uk', 'uk'],
  ['ru', 'uk'],
  ['', 'uk'],
  [null, 'uk'],
])('a visitor of language %j is written to in %s', (language, locale) => {
  expect(localeOf(visit({ language }), campaign())).toBe(locale);
});

describe('fields of a message', () => {
  test.each([
    ['uk', '1 січня', '8 січня', 'Відгуки'],
    ['en', '1 January', '8 January', 'Feedback'],
    ['ru', '1 января', '8 января', 'Відгуки'],
  ])('in %s: days of the centre’s calendar, written out', (locale, date, deadline, sender) => {
    const spoken = campaign({ uk: 'Відгуки', en: 'Feedback' });
    expect(messageFields(visit(), spoken, locale, expires)).toEqual({
      centre: 'ЦНАП Львів',
      service: 'Паспорт',
      date,
      deadline,
      sender,
    });
  });

  test('are empty where nothing is known', () => {
    const fields = messageFields(visit({ serviceName: null }), campaign(), 'uk', expires);
    expect([fields.service, fields.sender]).toEqual(['', '']);
  });
});

describe('parts of an invitation', () => {
  const fields = { centre: 'ЦНАП', service: '', date: '', deadline: '', sender: '' };
  const texts = {
    uk: { sms: `${'а'.repeat(36)}{{link}}` },
    en: { sms: `${'a'.repeat(40)}{{link}}`, viber: 'x' },
  };

  test('are counted with a link of the longest kind, in the language of the message', () => {
    expect(new PartsEstimate().of('1', texts, 'uk', fields)).toBe(1);
    expect(new PartsEstimate().of('1', { uk: { sms: `${'а'.repeat(37)}{{link}}` } }, 'uk', fields)).toBe(2);
    expect(new PartsEstimate().of('1', texts, 'en', fields)).toBe(1);
    expect(
      new PartsEstimate().of('1', { uk: { sms: '{{centre}}' } }, 'en', { ...fields, centre: 'Ц'.repeat(40) }),
    ).toBe(1);
  });

  test('are none where there is no SMS text', () => {
    expect(new PartsEstimate().of('1', { uk: { viber: 'x' } }, 'uk', fields)).toBe(0);
  });

  test('differ by text and values', () => {
    const estimate = new PartsEstimate();
    const long = { uk: { sms: `{{service}}${'а'.repeat(30)}{{link}}` } };
    expect(estimate.of('1', long, 'uk', fields)).toBe(1);
    expect(estimate.of('1', long, 'uk', { ...fields, service: 'Паспорт' })).toBe(2);
    expect(estimate.of('2', texts, 'uk', { ...fields, service: 'Паспорт' })).toBe(1);
  });
});
