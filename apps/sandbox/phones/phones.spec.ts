import { describe, expect, test } from '@jest/globals';
import { SteppedClock } from '#kernel/clock';
import { Chance } from '../chance.js';
import { linksIn, surveyCodeOf } from './links.js';
import { isMobile, isNumber, readNumber, showNumber } from './number.js';
import { defaultBounds, PhoneBook, type PhoneChange } from './phone-book.js';

const content = {
  by: 'centre',
  channel: 'sms',
  carrier: 'twilio',
  sender: 'Vidhuk',
  buttons: [],
  status: 'pending',
} as const;

function book(bounds = {}) {
  const clock = new SteppedClock(new Date('2026-01-13T08:00:00Z'));
  return { clock, phones: new PhoneBook(clock, new Chance('seed'), { ...defaultBounds, ...bounds }) };
}

describe('the phone book', () => {
  test('gives the same person the same name and Viber id in every run with the same seed', () => {
    const [first, second] = [book(), book()].map(({ phones }) => phones.obtain('+380501234567'));
    expect(first).toMatchObject({ name: second?.name, viberId: second?.viberId });
    expect(Buffer.from(first?.viberId ?? '', 'base64')).toHaveLength(16);
  });

  test('lists the most recently active first and finds by digits or name', () => {
    const { phones } = book();
    const [a, b] = ['+380501234567', '+380671112233'].map((number) => phones.obtain(number));
    if (!a || !b) throw new Error('no phones');
    phones.show(a, { ...content, text: 'x' });
    expect(phones.list().phones.map(({ number }) => number)).toEqual([a.number, b.number]);
    expect(phones.list({ search: '67 111' }).phones).toEqual([b]);
    expect(phones.list({ search: a.name.slice(0, 3).toLowerCase() }).phones).toContain(a);
    expect(phones.list({ offset: 1, limit: 1 })).toEqual({ total: 2, phones: [b] });
  });

  test('forgets the phone that was silent longest, and the oldest messages of each', () => {
    const { phones } = book({ phones: 2, bubblesPerPhone: 2 });
    const first = phones.obtain('+380500000011');
    phones.obtain('+380500000012');
    for (const text of ['a', 'b', 'c']) phones.show(first, { ...content, text });
    phones.obtain('+380500000013');
    expect(phones.list().phones.map(({ number }) => number)).toEqual(['+380500000013', '+380500000011']);
    expect(first.bubbles.map(({ text }) => text)).toEqual(['b', 'c']);
    expect(phones.findByViberId(first.viberId)).toBe(first);
  });

  test('counts what is unread until the person writes', () => {
    const { phones } = book();
    const phone = phones.obtain('+380501234567');
    phones.show(phone, { ...content, text: 'a' });
    phones.show(phone, { ...content, text: 'b' });
    expect(phone.unread).toBe(2);
    phones.show(phone, { ...content, by: 'person', text: 'c' });
    expect(phone.unread).toBe(0);
  });

  test('moves a status only up, and tells listeners until they leave', () => {
    const { phones } = book();
    const phone = phones.obtain('+380501234567');
    const changes: PhoneChange[] = [];
    const leave = phones.watch((change) => changes.push(change));
    const bubble = phones.show(phone, { ...content, text: 'x' });
    phones.advance(phone, bubble, 'delivered');
    phones.advance(phone, bubble, 'sent');
    expect(bubble.status).toBe('delivered');
    expect(changes).toHaveLength(2);
    leave();
    phones.advance(phone, bubble, 'seen');
    expect(changes).toHaveLength(2);
  });
});

describe('links in a text', () => {
  test.each([
    [
      'Оцініть: http://127.0.0.1:8080/Ab3dE5gH. Дякуємо',
      [{ url: 'http://127.0.0.1:8080/Ab3dE5gH', code: 'Ab3dE5gH' }],
    ],
    ['(https://a.example/x?y=1),', [{ url: 'https://a.example/x?y=1' }]],
    ['«https://a.example/Ab3dE5gH/stop»', [{ url: 'https://a.example/Ab3dE5gH/stop', code: 'Ab3dE5gH' }]],
    [
      'viber://pa?chatURI=bot&context=Ab3dE5gH',
      [{ url: 'viber://pa?chatURI=bot&context=Ab3dE5gH', code: 'Ab3dE5gH' }],
    ],
    ['нічого тут', []],
  ])('%s', (text, links) => {
    expect(linksIn(text)).toEqual(links);
  });

  test('a code has eight characters of base58', () => {
    expect(surveyCodeOf('http://a/Ab3dE5g0')).toBeUndefined();
    expect(surveyCodeOf('not an address')).toBeUndefined();
  });
});

describe('numbers', () => {
  test.each([
    ['+380 50 123-45-67', '+380501234567'],
    ['380501234567', '+380501234567'],
    ['0501234567', '+380501234567'],
    ['+447700900123', '+447700900123'],
    ['12345', undefined],
    ['+38050123456', undefined],
    ['', undefined],
  ])('%s is read as %s', (text, number) => {
    expect(readNumber(text)).toBe(number);
  });

  test.each([
    ['+380501234567', true],
    ['+380799123456', false],
    ['+380790123456', true],
    ['+380441234567', false],
    ['+48601234567', true],
  ])('%s can take an SMS: %s', (number, mobile) => {
    expect(isNumber(number)).toBe(true);
    expect(isMobile(number)).toBe(mobile);
  });

  test('Ukrainian numbers are shown in groups', () => {
    expect(showNumber('+380501234567')).toBe('+380 50 123 45 67');
    expect(showNumber('+447700900123')).toBe('+447700900123');
  });
});
