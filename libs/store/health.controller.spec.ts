import { expect, test } from '@jest/globals';
import type { Database } from './database.js';
import { HealthController } from './health.controller.js';

const answering = (query: () => Promise<unknown>): HealthController =>
  new HealthController({ query } as unknown as Database);

test.each<[string, () => Promise<unknown>]>([
  ['never answers', () => new Promise(() => undefined)],
  ['refuses', () => Promise.reject(new Error('connection refused'))],
])('a process whose database %s is alive, and not ready', async (_, query) => {
  const health = answering(query);
  expect(health.alive()).toEqual({ status: 'alive' });
  await expect(health.ready()).rejects.toThrow('the database does not answer');
});
