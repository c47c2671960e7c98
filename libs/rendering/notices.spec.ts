import { expect, test } from '@jest/globals';
import { isNoticeKind, noticeText, type NoticeKind } from './notices.js';
import { measureParts } from './parts.js';

const kinds: NoticeKind[] = ['opted_out', 'opted_in', 'help', 'wrong_number', 'closed'];

test.each(kinds.flatMap((kind) => ['uk', 'en', 'ru'].map((locale) => [kind, locale] as const)))(
  'the notice %s in %s fits one SMS part',
  (kind, locale) => {
    const text = noticeText(kind, locale);
    expect(text.length).toBeGreaterThan(20);
    expect(measureParts(text).parts).toBe(1);
  },
);

test('a language tag with a region finds its language, an unknown one gets Ukrainian', () => {
  expect(noticeText('closed', 'en-GB')).toMatch(/^This survey/);
  expect(noticeText('closed', 'uk_UA')).toBe(noticeText('closed', 'uk'));
  expect(noticeText('closed', 'pl')).toBe(noticeText('closed', 'uk'));
});

test('a person who stopped is told how to come back, one who comes back how to stop', () => {
  expect(noticeText('opted_out', 'uk')).toContain('СТАРТ');
  expect(noticeText('opted_in', 'uk')).toContain('СТОП');
  expect(noticeText('help', 'uk')).toContain('СТОП');
});

test('only the notices themselves are notices', () => {
  expect(kinds.every(isNoticeKind)).toBe(true);
  expect(isNoticeKind('toString')).toBe(false);
});
