import { createHmac } from 'node:crypto';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isSuppressed } from '#contacts/suppression.sql';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { testGateway, type TestGateway } from '#testkit/gateway';
import { ReplyDesk } from '#testkit/reply-desk';

const PUBLIC_URL = 'https://city.gov.ua/vidhuk';
const ACCOUNT = `AC${'1'.repeat(32)}`;
const TOKEN = '0123456789abcdef0123456789abcdef';

let t: TestDatabase;
let desk: ReplyDesk;
let gateway: TestGateway;
beforeAll(async () => {
  t = await testDatabase();
  desk = new ReplyDesk(t.db);
  await desk.setUp();
  const viber = { VIBER_AUTH_TOKEN: 'token', VIBER_SENDER_NAME: 'Центр', VIBER_CHAT_URI: 'centre' };
  const twilio = { TWILIO_ACCOUNT_SID: ACCOUNT, TWILIO_AUTH_TOKEN: TOKEN, TWILIO_FROM: '+380500000000' };
  gateway = await testGateway(t, desk, { env: { VIDHUK_PUBLIC_URL: `${PUBLIC_URL}/`, ...viber, ...twilio } });
});
afterAll(async () => {
  await gateway.close();
  await t.drop();
});

/** The city's web server: what lies under /vidhuk goes to us, with that path or without it; the rest is the city's. */
async function proxy(strips: boolean): Promise<{ url: string; server: Server }> {
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/';
    if (!path.startsWith('/vidhuk/')) {
      outgoing.writeHead(404).end('the city');
      return;
    }
    const passed = request(
      `${gateway.url}${strips ? path.slice('/vidhuk'.length) : path}`,
      { method: incoming.method, headers: { ...incoming.headers, 'x-forwarded-for': '203.0.113.7' } },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    incoming.pipe(passed);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

describe.each([
  ['strips its path', true],
  ['passes its path on', false],
])('behind a proxy that %s', (_name, strips) => {
  let city: { url: string; server: Server };
  beforeAll(async () => {
    city = await proxy(strips);
  });
  afterAll(() => new Promise((closed) => city.server.close(closed)));

  const get = async (path: string): Promise<string> => (await fetch(city.url + path)).text();
  /** Sends the form that stands in the page, to where the page says. */
  const send = async (html: string, fields: Record<string, string>): Promise<Response> => {
    const action = /<form method="post" action="([^"]+)"/.exec(html)?.[1] ?? '';
    return fetch(new URL(action.replaceAll('&amp;', '&'), city.url), {
      method: 'POST',
      body: new URLSearchParams(fields),
      redirect: 'follow',
    });
  };

  test('the whole survey is answered by following what the pages say', async () => {
    const { code, invitationId } = await desk.invite();
    let html = await get(`/vidhuk/${code}?lang=en`);
    for (const fields of [{ q: 'quality', a: '4' }, { q: 'recommend', a: '9' }, { q: 'comment', a: 'Fine' }]) {
      expect(html).toMatch(/<html lang="en">/);
      const answer = await send(html, fields);
      expect(new URL(answer.url).pathname).toBe(`/vidhuk/${code}`);
      html = await answer.text();
    }
    expect(html).toContain('Thank you!');
    expect(await desk.answers(invitationId)).toEqual({ quality: 4, recommend: 9, comment: 'Fine' });
  }); // prettier-ignore

  test('every address on every page lies under the path', async () => {
    const { code } = await desk.invite();
    for (const path of ['', '/stop', '/viber', '?q=quality&lang=en']) {
      const html = await get(`/vidhuk/${code}${path}`);
      const addresses = [...html.matchAll(/(?:href|src|action)="([^"]*)"/g)].map(([, address = '']) => address);
      const own = addresses.filter((address) => !/^(#|data:|viber:)/.test(address));
      expect(own.length).toBeGreaterThan(1);
      for (const address of own) expect(address).toMatch(/^\/vidhuk\//);
    }
  }); // prettier-ignore

  test('stopping works, and the sign of opening', async () => {
    const { code, phone, invitationId } = await desk.invite();
    const dot = /src="([^"]+)"/.exec(await get(`/vidhuk/${code}`))?.[1] ?? '';
    await get(dot);
    expect((await desk.invitation(invitationId))['opened_at']).toEqual(desk.clock.now());
    expect(await (await send(await get(`/vidhuk/${code}/stop`), {})).text()).toContain(
      'більше не писатимемо',
    );
    expect(await isSuppressed(t.db, desk.builders.vault.phoneHash(phone), 'viber')).toBe(true);
  });

  test('a carrier signs the public address, and is believed', async () => {
    const { phone, invitationId } = await desk.invite();
    const fields: Record<string, string> = { AccountSid: ACCOUNT, From: phone, To: '+380500000000', Body: '5', MessageSid: `SM${invitationId}`, NumMedia: '0' }; // prettier-ignore
    const sorted = Object.keys(fields).sort().map((name) => name + fields[name]).join(''); // prettier-ignore
    const call = (signed: string): Promise<Response> =>
      fetch(`${city.url}/vidhuk/hooks/twilio/inbound`, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { 'x-twilio-signature': createHmac('sha1', TOKEN).update(signed).digest('base64') },
      });
    expect((await call(`https://city.gov.ua/hooks/twilio/inbound${sorted}`)).status).toBe(403);
    expect((await call(`${PUBLIC_URL}/hooks/twilio/inbound${sorted}`)).status).toBe(200);
    expect(await desk.answers(invitationId)).toEqual({ quality: 5 });
  });

  test('what is not there is a page that helps, also under the path', async () => {
    const answer = await fetch(`${city.url}/vidhuk/zzzzzzzz`);
    expect([answer.status, (await answer.text()).includes('Такої сторінки немає')]).toEqual([404, true]);
  });
});

test('a path that only begins like ours is not ours', async () => {
  const { code } = await desk.invite();
  expect((await fetch(`${gateway.url}/vidhukk/${code}`)).status).toBe(404);
  expect((await fetch(`${gateway.url}/vidhuk/healthz`)).status).toBe(200);
  expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
});
