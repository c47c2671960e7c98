import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { Views } from './views.js';

type Models = { page: { title: string; items: readonly string[]; note: string | null }; broken: object };

const folder = mkdtempSync(join(tmpdir(), 'views-'));
writeFileSync(join(folder, 'frame.hbs'), '<main>{{> @partial-block}}</main>');
writeFileSync(
  join(folder, 'page.hbs'),
  '{{#> frame}}\n  <a title="{{title}}">\n    {{#each items}}{{this}};{{/each}}</a>\n  {{#if note}}<p>{{note}}</p>{{/if}}{{/frame}}',
);
writeFileSync(join(folder, 'notes.txt'), '{{#nothing');
afterAll(() => rmSync(folder, { recursive: true }));
const views = new Views<Models>(folder);

test('fills a view and the frame around it, without the indentation of the source', () => {
  const html = views.render('page', { title: 'Т', items: ['а', 'б'], note: null });
  expect(html).toBe('<main><a title="Т">\nа;б;</a>\n</main>');
});

test('escapes what comes from people, and keeps addresses readable', () => {
  const html = views.render('page', { title: '"><script>', items: ['/a?b=c&d'], note: '&#x3D;' });
  expect(html).toContain('title="&quot;&gt;&lt;script&gt;"');
  expect(html).toContain('/a?b=c&amp;d;');
  expect(html).toContain('<p>&amp;#x3D;</p>');
});

test('a value that the model lacks is an error, not an empty place', () => {
  expect(() => views.render('page', { items: [], note: null } as unknown as Models['page'])).toThrow(/title/);
});

test('a view that does not exist is an error', () => {
  expect(() => views.render('broken', {})).toThrow('there is no view "broken"');
});
