import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { surveyCode } from '#kernel/ids';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { testGateway, type TestGateway } from '#testkit/gateway';
import { ReplyDesk } from '#testkit/reply-desk';

let t: TestDatabase;
let desk: ReplyDesk;
let gateway: TestGateway;
beforeAll(async () => {
  t = await testDatabase();
  desk = new ReplyDesk(t.db);
  await desk.setUp();
  gateway = await testGateway(t, desk);
});
afterAll(async () => {
  await gateway.close();
  await t.drop();
});

const as = (address: string, path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(gateway.url + path, {
    ...init,
    redirect: 'manual',
    headers: { 'x-forwarded-for': address, ...init.headers },
  });

/** Sends raw bytes and waits until the server closes; what it said. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  await once(socket, 'connect');
  let said = '';
  socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return said;
}

describe('codes cannot be tried out', () => {
  test('an address that misses too often gets 429 for hits as well; others are not touched', async () => {
    const { code } = await desk.invite();
    for (let i = 0; i < 60; i++) expect((await as('198.51.100.7', `/${surveyCode()}`)).status).toBe(404);
    const refused = await as('198.51.100.7', `/${code}`);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
    expect((await as('198.51.100.8', `/${code}`)).status).toBe(200);
  });

  test('misses by form, stop page and Viber page count like misses of the page', async () => {
    const tries: [string, string][] = [['GET', ''], ['POST', ''], ['GET', '/stop'], ['POST', '/stop'], ['GET', '/viber']]; // prettier-ignore
    for (let i = 0; i < 60; i++) {
      const [method, tail] = tries[i % tries.length] ?? ['GET', ''];
      await as('198.51.100.9', `/${surveyCode()}${tail}`, { method });
    }
    expect((await as('198.51.100.9', `/${surveyCode()}`)).status).toBe(429);
  });

  test('whatever is wrong with a code, the answer is the same page', async () => {
    const odd = [
      surveyCode(),
      'short',
      '00000000',
      'toolongtoolong',
      'abc%00def',
      '________',
      'robots',
      "a'b--cde",
    ];
    const answers = await Promise.all(odd.map((code, i) => as(`198.51.101.${i}`, `/${code}`)));
    expect(answers.map(({ status }) => status)).toEqual(odd.map(() => 404));
    expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1);
  });
});

describe('nobody holds the door open', () => {
  // Together, since each takes as long as the limit.
  test('headers and bodies that trickle in are cut off', async () => {
    const line = 'POST /abcdefgh HTTP/1.1\r\nHost: x\r\n';
    const [headers, body] = await Promise.all([
      raw(`${line}X-Slow: `),
      raw(`${line}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nq=qual`),
    ]);
    expect([headers, body].map((said) => said.split('\r\n')[0])).toEqual([
      'HTTP/1.1 408 Request Timeout',
      'HTTP/1.1 408 Request Timeout',
    ]);
  });

  test('a body beyond the limit is refused, told beforehand or not', async () => {
    const { code } = await desk.invite();
    const big = 'q=quality&a='.padEnd(200 * 1024, '5');
    expect((await as('198.51.102.1', `/${code}`, { method: 'POST', body: big })).status).toBe(413);
    const stream = new Blob([big]).stream();
    const streamed = await as('198.51.102.1', `/${code}`, { method: 'POST', body: stream, duplex: 'half' });
    expect(streamed.status).toBe(413);
    expect(await desk.db.query('select from answer')).toMatchObject({ rows: [] });
  }); // prettier-ignore

  test('headers beyond measure are refused', async () => {
    expect(await raw(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(40_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431/,
    );
  });
});

test('no answer names a file, a line or a library of ours', async () => {
  const odd = [
    '/%',
    '/hooks/nobody',
    '/hooks/twilio/inbound',
    '/abcdefgh/opened/x',
    '/..%2f..%2fetc',
    '/healthz/x',
  ];
  for (const [i, path] of odd.entries()) {
    const text = await (await as(`198.51.103.${i}`, path, { method: i % 2 ? 'POST' : 'GET' })).text();
    expect(text).not.toMatch(/node_modules|\.ts:|\.js:|Error:|Fastify|Nest|"stack"/);
  }
});
