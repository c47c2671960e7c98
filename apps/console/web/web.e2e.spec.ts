import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PASSWORD, testConsole, type TestConsole } from '../testing/console.js';

const now = new Date('2026-03-02T12:00:00Z');
let c: TestConsole;

beforeAll(async () => {
  c = await testConsole(now);
  const { invitationId } = await c.build.path({
    phone: '+380501112233',
    facts: { sent: true, opened: true, started: true, completed: true },
    answers: { quality: 5, comment: '<b>таємниця</b>' },
  });
  await c.build.message(invitationId ?? '', { state: 'delivered', accepted_at: now, settled_at: now });
  await c.build.centre('<x>', 'Europe/Kyiv', 'Центр <script>alert(1)</script>');
  for (let i = 0; i < 12; i++) await c.build.path({ centre: '<x>', facts: { sent: true } });
  await c.build.path({ decision: { reason: 'frequency_cap' } });
});
afterAll(() => c.close());

const form = (fields: Record<string, string>) => ({ method: 'POST', body: new URLSearchParams(fields) });
const page = async (cookie: string, path = '/') =>
  (await c.as(undefined, path, { headers: { cookie } })).text();

describe('signing in', () => {
  test('a stranger is led to the form and after it to where they wanted', async () => {
    const first = await c.as(undefined, '/?days=30');
    expect([first.status, first.headers.get('location')]).toEqual([303, '/sign-in?next=%2F%3Fdays%3D30']);
    const shown = await (await c.as(undefined, '/sign-in?next=%2F%3Fdays%3D30')).text();
    expect(shown).toContain('<input type="hidden" name="next" value="/?days=30"');
    const entered = await c.as(
      undefined,
      '/sign-in',
      form({ email: 'admin@example.ua', password: PASSWORD, next: '/?days=30' }),
    );
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '/?days=30']);
    expect(entered.headers.get('set-cookie')).toMatch(
      /^vidhuk_session=\w+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=43200, vidhuk_device=/,
    );
  });

  test('a wrong password says so, keeps the address and opens no session', async () => {
    const answer = await c.as(
      undefined,
      '/sign-in',
      form({ email: 'admin@example.ua"><b>', password: 'wrong' }),
    );
    expect(answer.status).toBe(401);
    expect(answer.headers.get('set-cookie')).toBeNull();
    const text = await answer.text();
    expect(text).toContain('role="alert"');
    expect(text).toContain('value="admin@example.ua&quot;&gt;&lt;b&gt;"');
  });

  test.each(['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)'])(
    'a link cannot lead elsewhere: %s',
    async (next) => {
      const answer = await c.as(
        undefined,
        '/sign-in',
        form({ email: 'analyst@example.ua', password: PASSWORD, next }),
      );
      expect(answer.headers.get('location')).toBe('/');
    },
  );

  test('after five failures the right password waits too', async () => {
    const email = 'operator@example.ua';
    for (let i = 0; i < 5; i++) await c.as(undefined, '/sign-in', form({ email, password: `guess ${i}` }));
    const closed = await c.as(undefined, '/sign-in', form({ email, password: PASSWORD }));
    expect(closed.status).toBe(429);
    expect(closed.headers.get('retry-after')).toBe('900');
    expect(await closed.text()).toContain('Спробуйте знову через 15 хв.');
    c.clock.advance(15 * 60_000);
    expect((await c.as(undefined, '/sign-in', form({ email, password: PASSWORD }))).status).toBe(303);
  });

  test.each([
    [{ origin: 'https://evil.example' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ origin: 'null' }],
  ])('a form of another site is refused: %j', async (headers) => {
    const answer = await c.as(undefined, '/sign-in', {
      ...form({ email: 'admin@example.ua', password: PASSWORD }),
      headers,
    });
    expect(answer.status).toBe(403);
  });

  test('signing out needs the form token and ends the session', async () => {
    const cookie = await c.signIn('admin');
    const csrf = /name="csrf" value="(\w+)"/.exec(await page(cookie))?.[1] ?? '';
    const without = await c.as(undefined, '/sign-out', { ...form({ csrf: 'x' }), headers: { cookie } });
    expect(without.status).toBe(403);
    const out = await c.as(undefined, '/sign-out', { ...form({ csrf }), headers: { cookie } });
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0');
    expect((await c.as(undefined, '/', { headers: { cookie } })).status).toBe(303);
  });
});

describe('the live page', () => {
  test('shows the figures of the reports, in Ukrainian', async () => {
    const text = await page(await c.signIn('admin'));
    expect(text).toContain('<html lang="uk">');
    for (const expected of ['7,7', 'Нещодавно вже запрошували', 'Завершено', 'Запрошення', 'доставлено']) {
      expect(text).toContain(expected);
    }
  });

  test('shows administrators and operators masked numbers, analysts none, nobody a text or a whole number', async () => {
    const seen = await Promise.all(
      (['admin', 'operator', 'analyst'] as const).map(async (role) => page(await c.signIn(role))),
    );
    expect(seen.map((text) => text.includes('+380••••••233'))).toEqual([true, true, false]);
    for (const text of seen) {
      expect(text).not.toContain('таємниця');
      expect(text).not.toMatch(/380\d{6}/);
    }
  });

  test('escapes what came from a feed', async () => {
    const text = await page(await c.signIn('admin'));
    expect(text).not.toContain('<script>alert');
    expect(text).toContain('Центр &lt;script&gt;');
  });

  test('holds no inline script or style, so that the content policy lets it work', async () => {
    const text = await page(await c.signIn('admin'));
    expect(text).not.toMatch(/<script(?![^>]*src=)|\sstyle=|\son\w+=/);
  });

  test('speaks English to those who chose it', async () => {
    const chosen = await c.as(undefined, '/locale/en?next=%2F%3Fdays%3D1');
    expect(chosen.headers.get('location')).toBe('/?days=1');
    const cookie = `${await c.signIn('admin')}; ${chosen.headers.get('set-cookie')?.split(';')[0]}`;
    const text = await page(cookie, '/?days=1');
    expect(text).toContain('<html lang="en">');
    expect(text).toContain('Response rate, RR2');
  });

  test('gives its script the same parts', async () => {
    const cookie = await c.signIn('admin');
    const whole = await page(cookie, '/?from=2026-03-01&to=2026-03-31');
    const fragment = await page(cookie, '/live?from=2026-03-01&to=2026-03-31');
    const parts = (text: string) => [...text.matchAll(/id="(\w+)"[^>]*data-part/g)].map((match) => match[1]);
    expect(parts(fragment)).toEqual(parts(whole));
    expect(parts(fragment)).toEqual(['clock', 'keys', 'funnel', 'ledger', 'days', 'centres', 'feed']);
  });

  test.each(['days=0', 'days=x', 'from=2026-03-01', 'from=2026-13-01&to=2026-13-02'])(
    'refuses ?%s with a page',
    async (query) => {
      const answer = await c.as('admin', `/?${query}`);
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain('request_invalid');
    },
  );

  test('a script whose session ended is told so, not led to a form', async () => {
    expect((await c.as(undefined, '/live?days=7', { headers: { 'x-live': '1' } })).status).toBe(401);
  });
});

test('a page that does not exist says so in words', async () => {
  const answer = await c.as(undefined, '/nowhere');
  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain('Такої сторінки немає.');
});

test.each(['console.css', 'live.js', 'icon.svg'])('the file %s is served with its type', async (name) => {
  const answer = await c.as(undefined, `/assets/${name}`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/css|javascript|svg/);
});

test.each(['..%2fpackage.json', '__proto__', 'constructor', 'console.ts'])(
  'the file %s does not exist',
  async (name) => {
    expect((await c.as(undefined, `/assets/${name}`)).status).toBe(404);
  },
);
