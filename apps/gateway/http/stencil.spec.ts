import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MARKS, Stencil } from './stencil.js';

const [CODE, PLACE] = MARKS;

test('a filled stencil is the same page, plain and as gzip', () => {
  const stencil = new Stencil(`<a href="/${CODE}">${PLACE}</a> і <b>/${CODE}/stop</b>`);
  const page = stencil.fill(['aB3dE5fG', 'ЦНАП №1']);
  const html = '<a href="/aB3dE5fG">ЦНАП №1</a> і <b>/aB3dE5fG/stop</b>';
  expect(page.plain().toString()).toBe(html);
  expect(gunzipSync(page.gzip()).toString()).toBe(html);
});

test.each(['', 'no holes at all', `${CODE}`, `${CODE}${CODE}${PLACE}`])('%j is a stencil too', (source) => {
  const page = new Stencil(source).fill(['x'.repeat(65_535), '']);
  const html = source.replaceAll(CODE, 'x'.repeat(65_535)).replaceAll(PLACE, '');
  expect(gunzipSync(page.gzip()).toString()).toBe(html);
});

test('whatever stands in the page and in its holes, both forms agree', () => {
  const text = fc.string({ unit: fc.constantFrom(...'абв<>&" \n0', ...MARKS.slice(0, 2), '🙂'), maxLength: 400 });
  const value = fc.string({ unit: 'grapheme', maxLength: 100 }).map((one) => Buffer.from(one).toString());
  fc.assert(
    fc.property(text, value, value, (source, code, place) => {
      const page = new Stencil(source).fill([code, place]);
      const html = source.split(CODE).map((part) => part.split(PLACE).join(place)).join(code);
      expect(page.plain().toString()).toBe(html);
      expect(gunzipSync(page.gzip()).toString()).toBe(html);
    }),
  );
}); // prettier-ignore

test('a value longer than a block is refused', () => {
  expect(() => new Stencil(CODE).fill(['x'.repeat(65_536)]).gzip()).toThrow(/longer/);
});
