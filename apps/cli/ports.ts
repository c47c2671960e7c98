import { createServer } from 'node:net';
import type { Environment } from '#config/environment';
import { AppError } from '#kernel/errors';

/** Every port that is taken, in one error that names the variables to change; silent when all are free. */
export async function requireFreePorts(environment: Environment, withSandbox: boolean): Promise<void> {
  const wanted: [string, number][] = [
    ['VIDHUK_GATEWAY_PORT', environment.ports.gateway],
    ['VIDHUK_CONSOLE_PORT', environment.ports.console],
    ['VIDHUK_METRICS_PORT', environment.ports.metrics],
  ];
  if (withSandbox) wanted.push(['VIDHUK_SANDBOX_PORT', environment.ports.sandbox]);
  const taken: string[] = [];
  for (const [variable, port] of wanted) {
    if (port !== 0 && !(await isFree(port))) taken.push(`port ${port} is in use: set ${variable} to another`);
  }
  if (taken.length > 0) {
    throw new AppError('port_unavailable', `Vidhuk cannot start:\n  ${taken.join('\n  ')}`, {
      exitCode: 1,
      details: taken,
    });
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
