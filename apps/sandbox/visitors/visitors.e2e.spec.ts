import { afterEach, describe, expect, test } from '@jest/globals';
import { sandboxAccounts } from '../options.js';
import type { MessageJson } from '../phones/phone-json.js';
import type { Answer, Arrival } from '../testing/our-side.js';
import { steeredSandbox, type SteeredSandbox } from '../testing/steered-sandbox.js';
import type { VisitorHabits } from './habits.js';

const HOUR = 3_600_000;
const QUESTIONS = ['quality', 'recommend', 'comment'] as const;
const FIELDS = {
  quality: [1, 2, 3, 4, 5]
    .map((n) => `<label><input type=radio name=quality value=${n}>${n}</label>`)
    .join(''),
  recommend: Array.from(
    { length: 11 },
    (_, n) => `<label><input type=radio name=recommend value=${n}>${n}</label>`,
  ).join(''),
  comment: '<textarea name=comment></textarea>',
};

/** A survey of three steps, the way our gateway serves one: answers by POST, 303, no JavaScript. */
class SurveySite {
  readonly answers = new Map<string, Record<string, string>>();
  readonly stopped: string[] = [];
  readonly opened: string[] = [];

  readonly respond = ({ method, path, form }: Arrival): Answer => {
    const [, code = '', action] = path.split('/');
    if (code === 'hooks') return this.hook(path);
    const given = this.answers.get(code) ?? {};
    if (action === 'stop') {
      if (method === 'POST') this.stopped.push(code);
      return this.page('<form method=post><button>Більше не писати</button></form>');
    }
    if (action === 'opened') {
      this.opened.push(code);
      return {};
    }
    if (action === 'viber')
      return this.page(`<a href="viber://pa?chatURI=bot&amp;context=${code}">Viber</a>`);
    if (method === 'POST') {
      this.answers.set(code, { ...given, ...Object.fromEntries(form) });
      return { status: 303, location: `/${code}` };
    }
    const question = QUESTIONS.find((key) => !(key in given));
    const refusal = `<form method=post action="/${code}/stop"><button>Не писати</button></form>`;
    if (!question) return this.page(`<p>Дякуємо!</p>${refusal}`);
    return this.page(
      `<form method=post>${FIELDS[question]}<button name=step value=${question}>Далі</button></form>${refusal}` +
        `<img src="/${code}/opened" alt=""><img src="http://127.0.0.1:1/elsewhere.png" alt="">`,
    );
  };

  private hook(path: string): Answer {
    return path === '/hooks/viber' ? { contentType: 'application/json', body: '' } : {};
  }

  private page(body: string): Answer {
    return { contentType: 'text/html; charset=utf-8', body: `<!doctype html><body>${body}</body>` };
  }
}

let sandbox: SteeredSandbox | undefined;
afterEach(() => sandbox?.close());

async function begin(
  visitors: Partial<VisitorHabits>,
  seed = 'seed',
): Promise<{ sandbox: SteeredSandbox; site: SurveySite }> {
  const site = new SurveySite();
  sandbox = await steeredSandbox({ visitors, seed });
  sandbox.ours.respond(site.respond);
  return { sandbox, site };
}

/** Codes differ from run to run, as ours do; the number is in the code so that tests can tell who is who. */
async function invite(
  to: SteeredSandbox,
  numbers: readonly string[],
  run = 'A',
  from = sandboxAccounts.twilio.serviceNumber,
): Promise<void> {
  for (const number of numbers) {
    const code = run + number.slice(-7).replaceAll('0', 'x');
    await to.twilio({ To: number, From: from, Body: `Оцініть візит: ${to.ours.url}/${code}` });
  }
}

const numbers = (n: number): string[] =>
  Array.from({ length: n }, (_, i) => `+38067${String(1_111_111 + i * 7)}`);
const counts = async (of: SteeredSandbox) =>
  (await of.api<{ counts: Record<string, number> }>('GET', '/visitors')).counts;
const EVERYBODY = {
  responseShare: 1,
  stopShare: 0,
  wrongNumberShare: 0,
  breakOffShare: 0,
  unreachableShare: 0,
};

describe('virtual visitors', () => {
  test('answer the survey page to its end by plain forms', async () => {
    const { sandbox: running, site } = await begin({ ...EVERYBODY, ways: { web: 1, sms: 0, viber: 0 } });
    await invite(running, numbers(6));
    await running.pass(40 * HOUR, HOUR / 4);
    expect(await counts(running)).toMatchObject({ invited: 6, web: 6, completed: 6, failed: 0 });
    const given = [...site.answers.values()];
    expect(given).toHaveLength(6);
    // A browser loads the page's own pictures, and nobody else's.
    expect(new Set(site.opened).size).toBe(6);
    for (const answer of given) {
      expect(Object.keys(answer).sort()).toEqual(['comment', 'quality', 'recommend', 'step']);
      expect(Number(answer['quality'])).toBeGreaterThanOrEqual(3);
    }
  });

  test('who breaks off leaves the first answers behind', async () => {
    const { sandbox: running, site } = await begin({
      ...EVERYBODY,
      breakOffShare: 1,
      ways: { web: 1, sms: 0, viber: 0 },
    });
    await invite(running, numbers(4));
    await running.pass(40 * HOUR, HOUR / 4);
    expect(await counts(running)).toMatchObject({ brokeOff: 4, completed: 0 });
    for (const answer of site.answers.values()) {
      expect(answer).toHaveProperty('quality');
      expect(answer).not.toHaveProperty('comment');
    }
  });

  test('answer by SMS, question by question, where the sender takes replies', async () => {
    const { sandbox: running } = await begin({ ...EVERYBODY, ways: { web: 0, sms: 1, viber: 0 } });
    let asked = 0;
    running.ours.respond(({ path }) => {
      if (path !== '/hooks/twilio/inbound') return {};
      const texts = ['Чи порадите нас? Від 0 до 10', 'Що варто покращити?', 'Дякуємо!'];
      return {
        contentType: 'text/xml',
        body: `<Response><Message>${texts[asked++] ?? ''}</Message></Response>`,
      };
    });
    await invite(running, numbers(1));
    await running.pass(40 * HOUR, HOUR / 4);
    const inbound = running.ours.arrivals.filter(({ path }) => path === '/hooks/twilio/inbound');
    expect(inbound).toHaveLength(3);
    expect(inbound[0]?.form.get('Body')).toMatch(/5|чудово|п'ять|4|добре|чотири/i);
    expect(inbound[1]?.form.get('Body')).toMatch(/^([789]|10)$/);
    expect(inbound.every(({ genuine }) => genuine)).toBe(true);
    expect(await counts(running)).toMatchObject({ sms: 1, completed: 1 });
  });

  test('move to Viber through the hand-over page and press the buttons there', async () => {
    const { sandbox: running, site } = await begin({ ...EVERYBODY, ways: { web: 0, sms: 0, viber: 1 } });
    running.ours.respond((arrival) => {
      if (!arrival.raw.includes('conversation_started')) return site.respond(arrival);
      const { context } = JSON.parse(arrival.raw.toString('utf8').replace(/:(\d{16,})/g, ':"$1"')) as {
        context: string;
      };
      const Buttons = [1, 2, 3, 4, 5].map((n) => ({
        ActionBody: `v1:${context}:quality:${n}`,
        Text: String(n),
      }));
      const welcome = {
        sender: { name: 'Відгук' },
        type: 'text',
        text: 'Оцініть',
        keyboard: { Type: 'keyboard', Buttons },
      };
      return { contentType: 'application/json', body: JSON.stringify(welcome) };
    });
    await invite(running, numbers(1));
    await running.pass(40 * HOUR, HOUR / 4);
    const [message] = running.ours.viberEvents().filter(({ event }) => event === 'message');
    expect(message).toMatchObject({ message: { text: expect.stringMatching(/^v1:A\w{7}:quality:[45]$/) } });
    expect(await counts(running)).toMatchObject({ viber: 1 });
  });

  test('who prefers SMS or Viber takes the page when that is not possible', async () => {
    const { sandbox: running, site } = await begin({ ...EVERYBODY, ways: { web: 0, sms: 1, viber: 0 } });
    await invite(running, numbers(2), 'B', 'Vidhuk');
    await running.pass(40 * HOUR, HOUR / 4);
    expect(site.answers.size).toBe(2);
  });

  test('refuse on the page or in words, and nobody is asked twice', async () => {
    const { sandbox: running, site } = await begin({ ...EVERYBODY, stopShare: 1 });
    await invite(running, numbers(8));
    await running.pass(40 * HOUR, HOUR / 4);
    const words = running.ours.arrivals
      .filter(({ path }) => path === '/hooks/twilio/inbound')
      .map(({ form }) => form.get('Body') ?? '');
    expect(words.length + site.stopped.length).toBe(8);
    expect(words.every((word) => /^(стоп|stop)\.?$/i.test(word))).toBe(true);
    expect(site.answers.size).toBe(0);
  });

  test('leave the phones of people who try the sandbox alone, and links to elsewhere', async () => {
    const { sandbox: running } = await begin(EVERYBODY);
    await invite(running, ['+380500000001', '+380500000042']);
    await running.twilio({ To: '+380671111111', From: 'Vidhuk', Body: 'http://127.0.0.1:1/Ab3dE5gH' });
    await running.pass(40 * HOUR, HOUR / 4);
    expect(await counts(running)).toMatchObject({ invited: 0, failed: 0 });
  });

  test('a phone that is off gets nothing delivered and nobody answers', async () => {
    const { sandbox: running, site } = await begin({ ...EVERYBODY, unreachableShare: 1 });
    await invite(running, numbers(1));
    await running.pass(40 * HOUR, HOUR / 4);
    const { messages } = await running.api<{ messages: MessageJson[] }>(
      'GET',
      `/phones/${numbers(1)[0]}/messages`,
    );
    expect(messages).toMatchObject([{ status: 'undelivered', errorCode: expect.any(Number) }]);
    expect(site.answers.size).toBe(0);
  });

  test('are off until switched on', async () => {
    sandbox = await steeredSandbox();
    await invite(sandbox, numbers(1));
    expect(await sandbox.api('POST', '/visitors', { on: true, responseShare: 1 })).toMatchObject({ on: true, habits: { responseShare: 1 } }); // prettier-ignore
    await sandbox.pass(40 * HOUR, HOUR / 4);
    expect(await counts(sandbox)).toMatchObject({ invited: 0 });
  });
});

test('the same seed gives the same answers, whatever the codes of the links', async () => {
  const run = async (seed: string, letter: string): Promise<unknown[]> => {
    const { sandbox: running, site } = await begin({ stopShare: 0.2, breakOffShare: 0.2 }, seed);
    await invite(running, numbers(20), letter);
    await running.pass(40 * HOUR, HOUR / 4);
    const byNumber = [...site.answers].map(([code, answer]) => [code.slice(1), answer] as const);
    const result = byNumber.sort(([a], [b]) => a.localeCompare(b));
    await running.close();
    sandbox = undefined;
    return result;
  };
  const first = await run('one', 'A');
  expect(first.length).toBeGreaterThan(2);
  expect(await run('one', 'B')).toEqual(first);
  expect(await run('two', 'C')).not.toEqual(first);
});

test('a page that names its field alike in every step is answered step by step all the same', async () => {
  const { sandbox: running } = await begin({ ...EVERYBODY, ways: { web: 1, sms: 0, viber: 0 } });
  const given: Record<string, string> = {};
  running.ours.respond(({ method, form }) => {
    if (method === 'POST' && form.has('q')) {
      given[form.get('q') ?? ''] = form.get('a') ?? '';
      return { status: 303, location: '/Ab3dE5gH' };
    }
    const question = ['first', 'second', 'third'].find((key) => !(key in given));
    const marks = [1, 2, 3].map((n) => `<label><input type=radio name=a value=${n}>${n}</label>`).join('');
    const step = `<form method=post><input type=hidden name=q value=${question}>${marks}<button>Далі</button></form>`;
    return { contentType: 'text/html', body: question ? step : 'Дякуємо!' };
  });
  await invite(running, numbers(1));
  await running.pass(40 * HOUR, HOUR / 4);
  expect(await counts(running)).toMatchObject({ completed: 1, failed: 0 });
  expect(Object.keys(given)).toEqual(['first', 'second', 'third']);
});

test('a page that refuses every answer is left after a second try', async () => {
  const { sandbox: running } = await begin({ ...EVERYBODY, ways: { web: 1, sms: 0, viber: 0 } });
  running.ours.respond(({ method }) => ({
    status: method === 'POST' ? 422 : 200,
    contentType: 'text/html',
    body: '<form method=post><textarea name=a></textarea><button>Далі</button></form>',
  }));
  await invite(running, numbers(1));
  await running.pass(40 * HOUR, HOUR / 4);
  expect(await counts(running)).toMatchObject({ completed: 0, failed: 1 });
  const tried = running.ours.arrivals.filter(
    ({ method, path }) => method === 'POST' && !path.startsWith('/hooks'),
  );
  // What was left open at first is filled in at the second try.
  expect(tried.at(-1)?.form.get('a')).toMatch(/\p{L}/u);
  expect(tried).toHaveLength(2);
});
