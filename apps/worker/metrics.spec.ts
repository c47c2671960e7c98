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

test('how doubts ended is told: what this process ended, and what people decided anywhere', async () => {
  const rows = [
    { action: 'message.resent', value: 'viber', times: 2 },
    { action: 'message.given_up', value: 'twilio', times: 1 },
  ];
  const query = (text: string): Promise<never> =>
    Promise.resolve({ rows: text.includes('audit_entry') ? rows : [], rowCount: 0 } as never);
  const metrics = new Metrics({ query }, systemClock);
  metrics.doubtEnded('twilio', 'policy_abandon');
  metrics.doubtEndedBy({ sender: 'viber', how: 'receipt_of_person' });
  const text = await metrics.registry.metrics();
  for (const line of [
    'vidhuk_doubts_ended_total{sender="twilio",how="policy_abandon"} 1',
    'vidhuk_doubts_ended_total{sender="viber",how="receipt_of_person"} 1',
    'vidhuk_doubts_decided{sender="viber",action="resend"} 2',
    'vidhuk_doubts_decided{sender="twilio",action="abandon"} 1',
  ])
    expect(text).toContain(line);
});
