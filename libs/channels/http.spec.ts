import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { CarrierClient } from './http.js';

const running: { server: Server; client: CarrierClient }[] = [];

/** A client with its server, and how many connections the server has seen. */
async function connect(
  listener: RequestListener,
  options: { connections?: number; prefix?: string; timeoutMs?: number } = {},
): Promise<{ client: CarrierClient; connections: () => number }> {
  let seen = 0;
  const server = createServer(listener).on('connection', () => seen++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${options.prefix ?? ''}`;
  const { connections = 4, timeoutMs = 5000 } = options;
  const client = new CarrierClient(url, { connections, timeoutMs });
  running.push({ server, client });
  return { client, connections: () => seen };
}

afterEach(async () => {
  for (const { server, client } of running.splice(0)) {
    await client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const request = { method: 'POST', path: '/messages', headers: {}, body: 'Дякуємо' } as const;

describe('the client of a carrier', () => {
  test('keeps connections for the next calls', async () => {
    const { client, connections } = await connect((_request, response) => response.end('ok'));
    for (let i = 0; i < 20; i++) await client.call(request);
    // The next call may come a moment before the last one's connection is free again, so two are in use.
    expect(connections()).toBeLessThanOrEqual(2);
  });

  test('opens no more connections than told, and the rest wait their turn', async () => {
    const { client, connections } = await connect((_request, response) => response.end('ok'), {
      connections: 2,
    });
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.call(request)));
    expect(answers.every(({ kind }) => kind === 'answered')).toBe(true);
    expect(connections()).toBe(2);
  });

  test('appends the path to an address that has one, and gives the whole body in UTF-8', async () => {
    const { client } = await connect(
      (incoming, response) => {
        incoming.on('data', (chunk: Buffer) => response.write(`${incoming.url}|`) && response.write(chunk));
        incoming.on('end', () => response.end());
      },
      { prefix: '/twilio/' },
    );
    const answer = await client.call(request);
    expect(answer).toMatchObject({ kind: 'answered', status: 200, body: '/twilio/messages|Дякуємо' });
  });

  test('waits for the real answer after an interim one', async () => {
    const { client } = await connect((_request, response) => {
      response.writeProcessing();
      response.statusCode = 201;
      response.end('made');
    });
    expect(await client.call(request)).toMatchObject({ kind: 'answered', status: 201, body: 'made' });
  });

  test('gives a call its own time where it asks for it', async () => {
    const { client } = await connect(() => undefined, { timeoutMs: 60_000 });
    const answer = await client.call({ ...request, timeoutMs: 40 });
    expect(answer).toEqual({ kind: 'lost', detail: 'no answer within 40 ms' });
  });

  test('listens to a signal once, however many calls share it, and stops them all', async () => {
    const { client } = await connect(() => undefined);
    const stop = new AbortController();
    const listen = jest.spyOn(stop.signal, 'addEventListener');
    const calls = Array.from({ length: 30 }, () => client.call(request, stop.signal));
    stop.abort();
    expect((await Promise.all(calls)).map((one) => 'detail' in one && one.detail)).toEqual(
      new Array(30).fill('stopped'),
    );
    expect(listen).toHaveBeenCalledTimes(1);
  });

  describe('asks nobody but its carrier', () => {
    /** A server that must not be asked, and how often it was. */
    async function bystander(): Promise<{ host: string; asked: () => number }> {
      const { connections } = await connect((_request, response) => response.end('a secret of the inside'));
      const { port } = running.at(-1)?.server.address() as AddressInfo;
      return { host: `127.0.0.1:${port}`, asked: connections };
    }

    test.each([301, 302, 303, 307, 308])('also when it is sent elsewhere with %d', async (status) => {
      const { host, asked } = await bystander();
      const { client } = await connect((_request, response) => {
        response.writeHead(status, { location: `http://${host}/inside` }).end();
      });
      expect(await client.call(request)).toMatchObject({ kind: 'answered', status, body: '' });
      expect(asked()).toBe(0);
    });

    test.each(['//HOST/x', 'http://HOST/x', '/@HOST/x', '/\\\\HOST/x'])(
      'whatever the path is: %s',
      async (path) => {
        const { host, asked } = await bystander();
        const { client } = await connect((_request, response) => response.end('ok'));
        await client.call({ ...request, path: path.replace('HOST', host) });
        expect(asked()).toBe(0);
      },
    );
  });

  test('does not write a request whose header would break the protocol', async () => {
    const { client } = await connect((_request, response) => response.end('ok'));
    const answer = await client.call({ ...request, headers: { 'X-Token': 'a\r\nb' } });
    expect(answer.kind).toBe('unsent');
    expect(JSON.stringify(answer)).not.toContain('a\\r');
  });
});
