import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isSuppressed } from '#contacts/suppression.sql';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { testGateway, type TestGateway } from '#testkit/gateway';
import { ReplyDesk, type Sent } from '#testkit/reply-desk';

let t: TestDatabase;
let desk: ReplyDesk;
let gateway: TestGateway;
let sent: Sent;
beforeAll(async () => {
  t = await testDatabase();
  desk = new ReplyDesk(t.db);
  await desk.setUp();
  const env = {
    VIBER_AUTH_TOKEN: 'viber-token',
    VIBER_SENDER_NAME: 'Центр',
    VIBER_CHAT_URI: 'centre bot',
  };
  gateway = await testGateway(t, desk, { env });
});
afterAll(async () => {
  await gateway.close();
  await t.drop();
});
beforeEach(async () => {
  sent = await desk.invite();
});

interface Shown {
  readonly status: number;
  readonly location: string | null;
  readonly html: string;
  readonly headers: Headers;
}

async function get(path: string, init: RequestInit = {}): Promise<Shown> {
  const response = await fetch(gateway.url + path, { redirect: 'manual', ...init });
  const { status, headers } = response;
  const html = (await response.text()).replace(/<style>.*?<\/style>/s, '');
  return { status, headers, location: headers.get('location'), html };
}

function post(path: string, fields: Record<string, string> | [string, string][]): Promise<Shown> {
  return get(path, { method: 'POST', body: new URLSearchParams(fields) });
}

const stored = (): Promise<Record<string, unknown>> => desk.answers(sent.invitationId);

describe('the survey page', () => {
  test('asks the first open question by a plain form with nothing chosen', async () => {
    const { status, html, headers } = await get(`/${sent.code}`);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(html).toContain('Як Вас обслужили?');
    expect(html).toMatch(/<fieldset>\s*<legend>/);
    expect(html.match(/type="radio"/g)).toHaveLength(5);
    expect(html).toContain('<span>чудово</span>');
    expect(html).not.toMatch(/ checked|<script/);
    expect(html).toContain('Центр kyiv-1, 2\u00a0березня');
  });

  test('is answered step by step, without JavaScript, up to the thanks', async () => {
    const path = `/${sent.code}`;
    const first = await post(path, { q: 'quality', a: '2' });
    expect([first.status, first.location]).toEqual([303, path]);
    expect((await get(path)).html).toMatch(/Питання 2 із 4[\s\S]*Що не сподобалось\?[\s\S]*type="checkbox"/);
    await post(path, [['q', 'reason'], ['a', 'queue'], ['a', 'staff']]);
    expect((await get(path)).html).toContain('Чи порадите нас?');
    await post(path, { q: 'recommend', a: '0' });
    expect((await get(path)).html).toContain('<textarea');
    await post(path, { q: 'comment', a: 'Черга була довга' });
    expect((await get(path)).html).toContain('Дякуємо!');
    expect(await stored()).toEqual({ quality: 2, reason: ['queue', 'staff'], recommend: 0, comment: 'Черга була довга' });
    expect(await desk.invitation(sent.invitationId)).toMatchObject({ completed_via: 'page', opened_at: desk.clock.now() });
  }); // prettier-ignore

  test('before the optional question it says that the rest is saved, and whoever leaves there has answered', async () => {
    await post(`/${sent.code}`, { q: 'quality', a: '5' });
    expect((await get(`/${sent.code}`)).html).not.toContain('вже збережено');
    await post(`/${sent.code}`, { q: 'recommend', a: '9' });
    const { html } = await get(`/${sent.code}`);
    expect(html).toMatch(/id="saved">Ваші оцінки вже збережено[\s\S]*<textarea[\s\S]*>Завершити</);
    expect(await desk.invitation(sent.invitationId)).toMatchObject({ completed_via: 'page' });
    await t.db.query('update invitation set expires_at = $2 where id = $1', [sent.invitationId, desk.clock.now()]);
    expect(await get(`/${sent.code}`)).toMatchObject({ status: 200, html: expect.stringContaining('Дякуємо!') as unknown });
  }); // prettier-ignore

  test('every question offers Viber, where there is one, and a way to stop', async () => {
    expect((await get(`/${sent.code}`)).html).toMatch(
      new RegExp(`<footer>[^]*href="/${sent.code}/viber">Відповісти у Viber<[^]*href="/${sent.code}/stop"`),
    );
    expect((await get(`/${sent.code}/stop`)).html).not.toContain(`/${sent.code}/viber`);
  });

  test('an optional question can be skipped', async () => {
    await post(`/${sent.code}`, { q: 'quality', a: '5' });
    await post(`/${sent.code}`, { q: 'recommend', a: '9' });
    await post(`/${sent.code}`, { q: 'comment', a: '', skip: '1' });
    expect(await stored()).toEqual({ quality: 5, recommend: 9, comment: null });
  });

  test.each<[string, Record<string, string>]>([
    ['nothing chosen', { q: 'quality' }],
    ['a mark beyond the scale', { q: 'quality', a: '7' }],
    ['words for a mark', { q: 'quality', a: 'чудово' }],
    ['skipping what must be answered', { q: 'quality', skip: '1' }],
  ])('%s: says what to do, above the form and at the field, and stores nothing', async (_name, fields) => {
    const { status, html } = await post(`/${sent.code}`, fields);
    expect(status).toBe(422);
    expect(html).toMatch(/<title>Помилка: /);
    expect(html).toMatch(/role="alert"[\s\S]*href="#a1">Оберіть одну відповідь/);
    expect(html).toContain('aria-describedby="wrong"');
    expect(await stored()).toEqual({});
  });

  test.each<[string, [string, string][], RegExp, unknown]>([
    ['a mark', [['q', 'quality'], ['a', '4']], /value="4" checked/, { quality: 4 }],
    ['several reasons', [['q', 'reason'], ['a', 'queue'], ['a', 'staff']], /value="queue" checked[^]*value="staff" checked/, { reason: ['queue', 'staff'] }],
    ['words', [['q', 'comment'], ['a', 'Довга черга']], />\s*Довга черга<\/textarea>/, { comment: 'Довга черга' }],
  ])('while the disk of the database is full, %s come back to be sent again, and nothing is lost', async (_, fields, shown, saved) => {
    if (fields[0]?.[1] === 'reason') await post(`/${sent.code}`, { q: 'quality', a: '2' });
    const before = await stored();
    await t.db.query(
      `create or replace function disk_full() returns trigger language plpgsql as $$ begin
         raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
       create trigger disk_full before insert or update on answer for each row execute function disk_full()`,
    );
    try {
      const { status, html } = await post(`/${sent.code}`, fields);
      expect(status).toBe(503);
      expect(html).toMatch(/role="alert"[^]*Надішліть її ще раз за хвилину/);
      expect(html).toMatch(shown);
      expect(await stored()).toEqual(before);
    } finally {
      await t.db.query('drop trigger disk_full on answer');
    }
    expect((await post(`/${sent.code}`, fields)).status).toBe(303);
    expect(await stored()).toMatchObject(saved as object);
  }); // prettier-ignore

  test('words that are too long come back to be shortened, not lost', async () => {
    const words = 'я'.repeat(1201);
    const { status, html } = await post(`/${sent.code}`, { q: 'comment', a: words });
    expect(status).toBe(422);
    expect(html).toContain(words);
    expect(html).toContain('до 1200 знаків');
  });

  test('the way back shows the earlier answer, and the later one stands', async () => {
    await post(`/${sent.code}`, { q: 'quality', a: '4' });
    const now = await get(`/${sent.code}`);
    expect(now.html).toContain(`href="/${sent.code}?q=quality"`);
    const back = await get(`/${sent.code}?q=quality`);
    expect(back.html).toMatch(/value="4" checked/);
    await post(`/${sent.code}`, { q: 'quality', a: '5' });
    expect(await stored()).toEqual({ quality: 5 });
  });

  test('written words are shown again on the way back, escaped', async () => {
    await post(`/${sent.code}`, { q: 'comment', a: '<b>"Ой" & так</b>' });
    const { html } = await get(`/${sent.code}?q=comment`);
    expect(html).toContain('&lt;b&gt;&quot;Ой&quot; &amp; так&lt;/b&gt;</textarea>');
  });

  test('nobody gets ahead of the questions by the address', async () => {
    expect((await get(`/${sent.code}?q=recommend`)).html).toContain('Як Вас обслужили?');
    expect((await get(`/${sent.code}?q=nothing&q=other`)).status).toBe(200);
  });

  test('the language is switched by a link, on every step, and answers are kept', async () => {
    await post(`/${sent.code}?lang=en`, { q: 'quality', a: '5' });
    const { html } = await get(`/${sent.code}?lang=en`);
    expect(html).toMatch(/<html lang="en">[\s\S]*March\u00a02[\s\S]*Question 2 of 3/);
    expect(html).toContain(`action="/${sent.code}?lang=en"`);
    expect((await post(`/${sent.code}?lang=en`, { q: 'recommend', a: '9' })).location).toBe(`/${sent.code}?lang=en`);
    expect((await get(`/${sent.code}?lang=xx`)).html).toContain('<html lang="uk">');
    expect(await stored()).toEqual({ quality: 5, recommend: 9 });
  }); // prettier-ignore

  test('after the last answer it only thanks, whatever is sent', async () => {
    for (const [q, a] of [['quality', '5'], ['recommend', '9'], ['comment', 'Так']]) {
      await post(`/${sent.code}`, { q: q ?? '', a: a ?? '' });
    }
    const again = await post(`/${sent.code}`, { q: 'quality', a: '1' });
    expect(again.status).toBe(303);
    expect((await get(`/${sent.code}?q=quality`)).html).toContain('Дякуємо!');
    expect(await stored()).toMatchObject({ quality: 5 });
  }); // prettier-ignore

  test('after the end it says so and helps; what was written meanwhile is kept, marked late', async () => {
    await t.db.query('update invitation set expires_at = $2 where id = $1', [sent.invitationId, desk.clock.now()]);
    const { status, html } = await get(`/${sent.code}`);
    expect([status, html.includes('Опитування вже завершено')]).toEqual([410, true]);
    const late = await post(`/${sent.code}`, { q: 'quality', a: '3' });
    expect(late.html).toContain('Вашу відповідь збережено');
    expect(await desk.row('select value, late from answer where invitation_id = $1', sent.invitationId)).toEqual({ value: 3, late: true });
  }); // prettier-ignore

  test('the same step sent ten times at once answers it once', async () => {
    const shown = await Promise.all(
      Array.from({ length: 10 }, () => post(`/${sent.code}`, { q: 'quality', a: '5' })),
    );
    expect(new Set(shown.map(({ status }) => status))).toEqual(new Set([303]));
    expect(await stored()).toEqual({ quality: 5 });
  });

  test('previews and scanners change nothing: neither GET nor HEAD, of no page of it', async () => {
    const before = await desk.invitation(sent.invitationId);
    const robots = [
      'WhatsApp/2.23.20.0', 'TelegramBot (like TwitterBot)', 'facebookexternalhit/1.1', 'Viber/13.3.0', 'Twitterbot/1.0',
      'Slackbot-LinkExpanding 1.0', 'SkypeUriPreview Preview/0.5', 'Mozilla/5.0 (compatible; bingbot/2.0)', 'Google-PageRenderer',
      'Mozilla/5.0 (Linux; Android 14) com.google.android.apps.messaging',
    ];
    const paths = ['', '/stop', '/viber', '?q=quality', '?lang=en'];
    const fetched = paths.flatMap((path) => [
      ...robots.map((agent) => get(`/${sent.code}${path}`, { headers: { 'user-agent': agent } })),
      get(`/${sent.code}${path}`, { method: 'HEAD' }),
    ]);
    await Promise.all([...fetched, get(`/${sent.code}/opened`, { method: 'HEAD' })]);
    expect(await desk.invitation(sent.invitationId)).toEqual(before);
    expect(await stored()).toEqual({});
    // The person comes after all of them, and finds everything as it was.
    await post(`/${sent.code}`, { q: 'quality', a: '4' });
    expect(await stored()).toEqual({ quality: 4 });
  }); // prettier-ignore

  test('a preview in a messenger shows nothing of the visit', async () => {
    const { html } = await get(`/${sent.code}`);
    expect(html).toContain('<meta property="og:title" content="Опитування">');
    expect(/<head>[^]*<\/head>/.exec(html)?.[0]).not.toContain('Центр');
  });

  test('the dot that only a touched page loads counts as opened', async () => {
    expect((await get(`/${sent.code}`)).html).toContain(`src="/${sent.code}/opened"`);
    await get(`/${sent.code}/opened`, { headers: { 'sec-fetch-dest': 'document' } });
    expect((await desk.invitation(sent.invitationId))['opened_at']).toBeNull();
    const dot = await get(`/${sent.code}/opened`, { headers: { 'sec-fetch-dest': 'image' } });
    expect(dot.headers.get('content-type')).toBe('image/gif');
    expect((await desk.invitation(sent.invitationId))['opened_at']).toEqual(desk.clock.now());
  });

  test.each([
    ['br', 'br'],
    ['gzip, deflate, br', 'gzip'],
    ['gzip;q=0, br', 'br'],
    ['*', 'gzip'],
    ['identity', null],
  ])('to "%s" it comes as %s, and in one request of at most 14 KB', async (accepted, encoding) => {
    const response = await fetch(`${gateway.url}/${sent.code}`, { headers: { 'accept-encoding': accepted } });
    expect(response.headers.get('content-encoding')).toBe(encoding);
    if (encoding) expect(Number(response.headers.get('content-length'))).toBeLessThan(14_000);
    expect(await response.text()).toContain('Як Вас обслужили?');
  });
});

describe('no page tells more than it must', () => {
  test.each([
    '/zzzzzzzz',
    '/short',
    '/0OIl0OIl',
    '/zzzzzzzz/stop',
    '/a/b/c',
    '/',
    '/%00%ff',
    '/wp-login.php',
  ])('%s is the same page that helps', async (path) => {
    const [one, other] = [await get(path), await get('/zzzzzzzy')];
    expect([one.status, one.html]).toEqual([404, other.html]);
    expect(one.html).toContain('Такої сторінки немає');
  });

  test.each([
    ['a body that is too large', { method: 'POST', body: 'a'.repeat(200_000) }, 413],
    [
      'a body of a strange kind',
      { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } },
      303,
    ],
    ['a method that is not used', { method: 'PUT', body: 'x' }, 404],
  ])('%s ends in a page', async (_name, init, status) => {
    const shown = await get(`/${sent.code}`, init);
    expect(shown.status).toBe(status);
    if (status !== 303) expect(shown.html).toMatch(/^<!doctype html>/);
  });

  test('every answer carries the headers that keep others out', async () => {
    for (const path of [`/${sent.code}`, '/zzzzzzzz', '/hooks/nobody']) {
      const { headers } = await get(path);
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-robots-tag')).toContain('noindex');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('strict-transport-security')).toContain('max-age');
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  test('a fault shows a page that helps, and no word of ours', async () => {
    await t.db.query(`update definition set content = '{}' where id = (select survey_id from invitation where id = $1)`, [
      (await desk.invite({ thanks: false })).invitationId,
    ]);
    const broken = await desk.invite({ thanks: false });
    const { status, html } = await get(`/${broken.code}`);
    expect([status, html.includes('Щось пішло не так')]).toEqual([500, true]);
    expect(html).not.toMatch(/survey_unreadable|not valid|at .*\.ts/);
    expect(gateway.logged.at(-1)).toMatchObject({ event: 'request_failed', route: '/:code' });
  }); // prettier-ignore

  test('metrics are for this machine only', async () => {
    expect((await get('/metrics')).html).toContain('vidhuk_survey_pages_total');
    expect((await get('/metrics', { headers: { 'x-forwarded-for': '198.51.100.7' } })).status).toBe(404);
  });

  test('an address that tries out codes gets nothing for a minute, also no hits', async () => {
    const from = (ip: string): RequestInit => ({ headers: { 'x-forwarded-for': ip } });
    for (let i = 0; i < 60; i++) expect((await get('/yyyyyyyy', from('203.0.113.9'))).status).toBe(404);
    expect((await get(`/${sent.code}`, from('203.0.113.9'))).status).toBe(429);
    expect((await get(`/${sent.code}`, from('203.0.113.10'))).status).toBe(200);
    desk.clock.advance(60_000);
    expect((await get(`/${sent.code}`, from('203.0.113.9'))).status).toBe(200);
  });
});

test('nothing that can be typed into an address or a form makes it fail', async () => {
  const junk = fc.string({ unit: 'binary', maxLength: 60 });
  const path = fc.oneof(
    junk.map((text) => `/${encodeURIComponent(text)}`),
    fc.constantFrom('', '/stop', '/viber', '/opened', '?q=quality', '/stop/x').map((tail) => `/${sent.code}${tail}`),
    fc.webPath(),
  );
  const fields = fc.array(fc.tuple(fc.oneof(fc.constantFrom('q', 'a', 'skip', 'again', '__proto__'), junk), fc.oneof(junk, fc.constantFrom('quality', '5', 'comment', '-'))), { maxLength: 6 });
  const from = (): string => `198.51.${Math.floor(++asked / 250)}.${asked % 250}`;
  let asked = 0;
  await fc.assert(
    fc.asyncProperty(path, fields, fc.constantFrom('GET', 'POST', 'HEAD'), async (address, form, method) => {
      const body = method === 'POST' ? { body: new URLSearchParams(form) } : {};
      const { status } = await get(address, { method, ...body, headers: { 'x-forwarded-for': from() } });
      expect(status).toBeLessThan(500);
    }),
    { numRuns: 300 },
  );
}); // prettier-ignore

describe('the page that stops', () => {
  const suppressed = (): Promise<boolean> =>
    isSuppressed(t.db, desk.builders.vault.phoneHash(sent.phone), 'viber');

  test('asks first, stops on every channel by one button, and shows how to come back', async () => {
    const asked = await get(`/${sent.code}/stop`);
    expect(asked.html).toMatch(/Більше не писати Вам\?[\s\S]*<form method="post"/);
    expect(await suppressed()).toBe(false);
    const done = await post(`/${sent.code}/stop`, {});
    expect([done.status, done.location]).toEqual([303, `/${sent.code}/stop`]);
    expect(await suppressed()).toBe(true);
    expect((await desk.invitation(sent.invitationId))['refused_at']).toEqual(desk.clock.now());
    expect((await get(`/${sent.code}/stop`)).html).toContain('Готово');
    await post(`/${sent.code}/stop`, { again: '1' });
    expect(await suppressed()).toBe(false);
  });

  test('works for a person whose number was erased, and remembers it', async () => {
    await t.db.query('update message set contact_id = null, state = $2, settled_at = now() where invitation_id = $1', [sent.invitationId, 'cancelled']);
    await t.db.query('update invitation set contact_id = null where id = $1', [sent.invitationId]);
    expect((await get(`/${sent.code}/stop`)).html).toContain('Більше не писати Вам?');
    await post(`/${sent.code}/stop`, {});
    expect((await get(`/${sent.code}/stop`)).html).toContain('Готово');
    expect((await post(`/${sent.code}/stop`, { again: '1' })).status).toBe(303);
  }); // prettier-ignore

  test('cancels what waits to be sent to the person', async () => {
    const reminder = await desk.builders.message(sent.invitationId, { kind: 'reminder', priority: 6 });
    await post(`/${sent.code}/stop`, {});
    expect(await desk.row('select state, reason from message where id = $1', reminder)).toEqual({ state: 'cancelled', reason: 'opted_out' });
  }); // prettier-ignore
});

test('the way to Viber is a link with the code, and the survey itself beside it', async () => {
  const { html } = await get(`/${sent.code}/viber`);
  expect(html).toContain(`href="viber://pa?chatURI=centre%20bot&amp;context=${sent.code}"`);
  expect(html).toContain(`href="/${sent.code}"`);
  await t.db.query('update invitation set expires_at = $2 where id = $1', [
    sent.invitationId,
    desk.clock.now(),
  ]);
  expect((await get(`/${sent.code}/viber`)).location).toBe(`/${sent.code}`);
});

test('it is alive and ready', async () => {
  expect([(await get('/healthz')).status, (await get('/readyz')).status]).toEqual([200, 200]);
  expect((await get('/robots.txt')).html).toContain('Disallow: /');
});
