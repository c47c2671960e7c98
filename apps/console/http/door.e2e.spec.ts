import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testConsole, type TestConsole } from '../testing/console.js';

const now = new Date('2026-03-02T12:00:00Z');
let c: TestConsole;

beforeAll(async () => {
  c = await testConsole(now, {}, { headersMs: 200, bodyMs: 200, idleMs: 60_000 });
});
afterAll(() => c.close());

/** What the console answers to these bytes until it hangs up; it must, since the client never ends. */
async function untilCut(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(c.url).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString()));
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return answer;
}

describe('a client that never finishes', () => {
  test('its headers is cut', async () => {
    expect(await untilCut('GET /sign-in HTTP/1.1\r\nHost: x\r\nX-Slow: ')).toMatch(/^(HTTP\/1\.1 408|$)/);
  });

  test('its form is cut', async () => {
    const head = 'POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n';
    expect(await untilCut(`${head}Content-Length: 100\r\n\r\nemail=`)).not.toContain(' 200 ');
  });

  test('its JSON is cut', async () => {
    const head = `POST /api/v1/tokens HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${c.secrets.admin}\r\n`;
    expect(
      await untilCut(`${head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"na`),
    ).not.toContain(' 201 ');
  });
});

describe('bodies', () => {
  // With the patience of every day: a busy machine needs a while to take in 17 MB.
  let patient: TestConsole;
  beforeAll(async () => {
    patient = await testConsole(now);
  });
  afterAll(() => patient.close());

  test.each<[string, RequestInit, number]>([
    [
      'a form of 65 kB from a stranger',
      { method: 'POST', body: new URLSearchParams({ email: 'x'.repeat(65_600) }) },
      413,
    ],
    [
      'JSON of 17 MB',
      {
        method: 'POST',
        body: JSON.stringify('x'.repeat(17_000_000)),
        headers: { 'content-type': 'application/json' },
      },
      413,
    ],
  ])('%s are refused', async (_, init, status) => {
    const big = status === 413 && typeof init.body === 'string';
    const answer = await patient.as(big ? 'admin' : undefined, big ? '/api/v1/visits' : '/sign-in', init);
    expect(answer.status).toBe(status);
  });
});

test('a stranger who asks too often waits, and nobody else does', async () => {
  const statuses = new Set<number>();
  let last: Response | undefined;
  for (let i = 0; i < 620 && last?.status !== 429; i++) {
    last = await c.as(undefined, '/api/v1/visits', { headers: { authorization: `Bearer vdk_guess${i}` } });
    await last.arrayBuffer();
    statuses.add(last.status);
  }
  expect([...statuses]).toEqual([401, 429]);
  expect(last?.headers.get('retry-after')).toBe('60');
  expect((await c.as('operator', '/api/v1/visits')).status).toBe(200);
});

test('every answer, refusals too, tells browsers what they may not do with it', async () => {
  for (const path of ['/api/v1/visits', '/nowhere', '/%zz']) {
    const { headers } = await c.as('admin', path);
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('same-origin');
  }
});
