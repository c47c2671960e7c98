import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { parseEnvironment } from '#config/environment';
import { requireFreePorts } from './ports.js';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function takenPort(): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return (server.address() as AddressInfo).port;
}

const anyPorts = {
  VIDHUK_GATEWAY_PORT: '0',
  VIDHUK_CONSOLE_PORT: '0',
  VIDHUK_METRICS_PORT: '0',
  VIDHUK_SANDBOX_PORT: '0',
};

test('every taken port is named with the variable to change', async () => {
  const [first, second] = [await takenPort(), await takenPort()];
  const environment = parseEnvironment({
    ...anyPorts,
    VIDHUK_GATEWAY_PORT: `${first}`,
    VIDHUK_SANDBOX_PORT: `${second}`,
  });
  await expect(requireFreePorts(environment, true)).rejects.toMatchObject({
    code: 'port_unavailable',
    exitCode: 1,
    message: expect.stringMatching(
      new RegExp(
        `port ${first} is in use: set VIDHUK_GATEWAY_PORT[^]*port ${second} is in use: set VIDHUK_SANDBOX_PORT`,
      ),
    ),
  });
});

test('the sandbox port does not matter when real carriers are configured', async () => {
  const environment = parseEnvironment({ ...anyPorts, VIDHUK_SANDBOX_PORT: `${await takenPort()}` });
  await expect(requireFreePorts(environment, false)).resolves.toBeUndefined();
});
