import { expect, test } from '@jest/globals';
import { systemClock } from '#kernel/clock';
import { Metrics } from './metrics.js';

test('a database that never answers leaves its gauges out of a scrape, and holds up nothing else', async () => {
  const metrics = new Metrics({ query: () => new Promise(() => undefined) }, systemClock);
  metrics.claimed('twilio', 3);
  const text = await metrics.registry.metrics();
  expect(text).toContain('vidhuk_claimed_total{sender="twilio"} 3');
  expect(text).not.toContain('vidhuk_queue_due{');
});
