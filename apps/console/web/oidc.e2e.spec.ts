import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { claimedRights } from '#access/oidc-people';
import { createUser, userByEmail } from '#access/users';
import { CLIENT, OidcIssuer, type Twist } from '#testkit/oidc-issuer';
import { cookiesOf, testConsole, type TestConsole } from '../testing/console.js';

const now = new Date('2026-03-02T12:00:00Z');
const HOME = 'https://console.example.gov.ua';
let issuer: OidcIssuer;
let c: TestConsole;

beforeAll(async () => {
  issuer = await new OidcIssuer().start();
  c = await testConsole(now, {
    VIDHUK_CONSOLE_URL: `${HOME}/`,
    VIDHUK_OIDC_ISSUER: issuer.url,
    VIDHUK_OIDC_CLIENT_ID: CLIENT.id,
    VIDHUK_OIDC_CLIENT_SECRET: CLIENT.secret,
    VIDHUK_OIDC_ROLES: 'it department=admin, statistics=analyst, front=operator',
    VIDHUK_OIDC_CENTRE_CLAIM: 'centres',
  });
  for (const code of ['kyiv-1', 'lviv-1']) await c.build.centre(code);
});
afterEach(() => {
  issuer.twist = {};
});
afterAll(async () => {
  await c.close();
  await issuer.stop();
});

interface Way {
  readonly cookie: string;
  /** Path and query that the provider sends the browser back to. */
  readonly back: string;
}

/** From the sign-in page to the provider and back to our door, not yet in. */
async function toTheDoor(claims: Record<string, unknown>, twist: Twist = {}): Promise<Way> {
  issuer.claims = claims;
  issuer.twist = twist;
  const left = await c.as(undefined, '/sign-in/provider?next=%2F%3Fdays%3D30');
  expect(left.status).toBe(303);
  const sent = await fetch(left.headers.get('location') ?? '', { redirect: 'manual' });
  const back = sent.headers.get('location') ?? '';
  expect(back.startsWith(`${HOME}/sign-in/provider/return?`)).toBe(true);
  return { cookie: cookiesOf(left)['vidhuk_provider'] ?? '', back: back.slice(HOME.length) };
}

const come = ({ cookie, back }: Way) => c.as(undefined, back, { headers: { cookie } });
const person = (email: string, more: Record<string, unknown> = {}) => ({
  sub: `sub of ${email}`,
  email,
  email_verified: true,
  groups: ['statistics'],
  centres: ['kyiv-1'],
  ...more,
});
const refusal = async (answer: Response) => [
  answer.status,
  /class="quiet">(\w+)</.exec(await answer.text())?.[1],
];

describe("the organisation's provider", () => {
  test('lets a person in whom it names, with the rights of their groups, and comes back to where they wanted', async () => {
    const entered = await come(await toTheDoor(person('Olena@example.gov.ua')));
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '/?days=30']);
    expect(entered.headers.getSetCookie().join('\n')).toMatch(/vidhuk_session=\w+; .*SameSite=Lax.*; Secure/);
    expect(await userByEmail(c.db, 'olena@example.gov.ua')).toMatchObject({
      role: 'analyst',
      centres: ['kyiv-1'],
    });
    const { rows } = await c.db.query<{ action: string }>('select action from audit_entry order by id');
    expect(rows.map(({ action }) => action)).toEqual(['user.added', 'user.linked', 'signed_in']);
    expect(await (await c.as(undefined, '/sign-in')).text()).toContain('/sign-in/provider');
  });

  test('changes rights at the next sign-in, and knows a person whose address changed', async () => {
    await come(await toTheDoor(person('m@example.gov.ua')));
    const before = await userByEmail(c.db, 'm@example.gov.ua');
    await come(
      await toTheDoor(
        person('m@example.gov.ua', { email: 'new@example.gov.ua', groups: ['front'], centres: '*' }),
      ),
    );
    expect(await userByEmail(c.db, 'm@example.gov.ua')).toMatchObject({
      id: before?.id,
      role: 'operator',
      centres: null,
    });
    expect(await userByEmail(c.db, 'new@example.gov.ua')).toBeUndefined();
  });

  test('links an address that was added here before, when the provider has verified it', async () => {
    const added = await createUser(c.db, {
      email: 'here@example.gov.ua',
      password: null,
      role: 'analyst',
      now,
    });
    expect((await come(await toTheDoor(person('here@example.gov.ua')))).status).toBe(303);
    const { rows } = await c.db.query<{ id: string }>(`select user_id as id from app_identity where subject = 'sub of here@example.gov.ua'`); // prettier-ignore
    expect(rows[0]?.id).toBe(added.id);
  });

  test.each<[string, Record<string, unknown>]>([
    ['an address that is not verified', { email_verified: false }],
    ['no address', { email: undefined }],
    ['no group with a role', { groups: ['others'] }],
    ['no groups', { groups: undefined }],
    ['no centre', { centres: [] }],
  ])('lets nobody in with %s', async (what, claims) => {
    const answer = await come(await toTheDoor(person(`${what.replaceAll(' ', '-')}@example.gov.ua`, claims)));
    expect(await refusal(answer)).toEqual([403, 'no_access']);
    expect(cookiesOf(answer)['vidhuk_session']).toBeUndefined();
  });

  test('cannot be used to take over an account by an unverified address', async () => {
    const answer = await come(
      await toTheDoor(person('admin@example.ua', { email_verified: 'true', sub: 'thief' })),
    );
    expect(await refusal(answer)).toEqual([403, 'no_access']);
  });

  test('lets nobody in who was disabled here', async () => {
    await come(await toTheDoor(person('out@example.gov.ua')));
    await c.db.query(`update app_user set disabled_at = $1 where email = 'out@example.gov.ua'`, [now]);
    expect(await refusal(await come(await toTheDoor(person('out@example.gov.ua'))))).toEqual([
      403,
      'no_access',
    ]);
  });

  test.each<[string, Twist]>([
    ['of another sign-in', { nonce: 'another' }],
    ['of another provider', { issuer: 'https://evil.example' }],
    ['for another client', { audience: 'another' }],
    ['that expired', { expiresInSeconds: -3600 }],
    ['signed by another key', { foreignKey: true }],
    ['without a signature', { algorithm: 'none' }],
  ])('is not believed with a token %s', async (_, twist) => {
    const answer = await come(await toTheDoor(person('forged@example.gov.ua'), twist));
    expect(await refusal(answer)).toEqual([403, 'provider_refused']);
    expect(await userByEmail(c.db, 'forged@example.gov.ua')).toBeUndefined();
  });

  test.each<[string, (way: Way, other: Way) => Way]>([
    ['without the cookie', ({ back }) => ({ cookie: '', back })],
    ["with another browser's cookie", ({ back }, other) => ({ cookie: other.cookie, back })],
    ['with a forged cookie', ({ back }) => ({ cookie: 'vidhuk_provider=AAAA', back })],
    ['with another state', ({ cookie, back }) => ({ cookie, back: back.replace(/state=[^&]+/, 'state=x') })],
    [
      'with a refusal',
      ({ cookie, back }) => ({ cookie, back: back.replace(/code=[^&]+/, 'error=access_denied') }),
    ],
    ['with nothing', ({ cookie }) => ({ cookie, back: '/sign-in/provider/return' })],
  ])('lets nobody in %s', async (_, bend) => {
    const answer = await come(bend(await toTheDoor(person('p@example.gov.ua')), await toTheDoor(person('q@example.gov.ua')))); // prettier-ignore
    expect(await refusal(answer)).toEqual([403, 'provider_refused']);
  });

  test('gives each code out once', async () => {
    const way = await toTheDoor(person('once@example.gov.ua'));
    expect((await come(way)).status).toBe(303);
    expect((await come(way)).status).toBe(403);
  });
});

test('without a provider its addresses do not exist', async () => {
  const plain = await testConsole(now);
  expect((await plain.as(undefined, '/sign-in/provider')).status).toBe(404);
  expect(await (await plain.as(undefined, '/sign-in')).text()).not.toContain('/sign-in/provider');
  await plain.close();
});

test('a provider that cannot be reached is said so, and asked again later', async () => {
  const away = await new OidcIssuer().start();
  const { url } = away;
  await away.stop();
  const lonely = await testConsole(now, { VIDHUK_CONSOLE_URL: HOME, VIDHUK_OIDC_ISSUER: url, VIDHUK_OIDC_CLIENT_ID: 'a', VIDHUK_OIDC_CLIENT_SECRET: 'b' }); // prettier-ignore
  expect(await refusal(await lonely.as(undefined, '/sign-in/provider'))).toEqual([
    503,
    'provider_unreachable',
  ]);
  await lonely.close();
});

describe('claims', () => {
  const config = {
    roleClaim: 'groups',
    roles: new Map([
      ['a', 'admin'],
      ['s', 'analyst'],
      ['o', 'operator'],
    ] as const),
    centreClaim: 'at',
  };
  test.each([
    ['the highest of several groups', { groups: ['o', 'a', 'x'] }, { role: 'admin', centres: null }],
    ['groups in one text', { groups: 'x o', at: 'k1, k2' }, { role: 'operator', centres: ['k1', 'k2'] }],
    ['a star for every centre', { groups: ['s'], at: ['*', 'k1'] }, { role: 'analyst', centres: null }],
    [
      'what is no text is left out',
      { groups: ['s', 7, null], at: ['k1', {}] },
      { role: 'analyst', centres: ['k1'] },
    ],
  ])('%s', (_, claims, expected) => {
    expect(claimedRights(config, claims)).toEqual(expected);
  });

  test('without a mapping rights are kept here', () => {
    expect(claimedRights({ ...config, roles: new Map() }, { groups: ['a'] })).toBeUndefined();
  });
});
