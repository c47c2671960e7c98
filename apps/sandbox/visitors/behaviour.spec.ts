import { describe, expect, test } from '@jest/globals';
import { Chance } from '../chance.js';
import type { Bubble, Button } from '../phones/phone.js';
import { answerTo, firstWord } from './conversation.js';
import { fillForm, surveyForm } from './fill-form.js';
import { changeHabits, usualHabits } from './habits.js';
import { formsIn, type HtmlForm } from './html-forms.js';
import { awake, intend, type Intention, type Mood } from './intention.js';

const chance = new Chance('seed');
const excellent: Mood = { satisfaction: 'excellent', comments: false };
const bad: Mood = { satisfaction: 'bad', comments: true };
const NOON = new Date('2026-01-13T12:00:00+02:00');
const people = Array.from({ length: 5000 }, (_, i) => `+3805${String(i).padStart(8, '0')} 1`);

describe('what people make of an invitation', () => {
  const all = people.map((person) => intend(chance, usualHabits, { person, nth: 1, at: NOON }));
  const share = (wanted: (intention: Intention) => boolean): number => all.filter(wanted).length / all.length;
  const answers = all.filter((intention) => intention.kind === 'answer');

  test('the share that answers, and how, follows the habits', () => {
    expect(share(({ kind }) => kind === 'answer')).toBeCloseTo(usualHabits.responseShare, 1);
    expect(share(({ kind }) => kind === 'stop')).toBeGreaterThan(0.005);
    expect(share(({ kind }) => kind === 'stop')).toBeLessThan(0.016);
    const ways = new Set(answers.map(({ way }) => way));
    expect([...ways].sort()).toEqual(['sms', 'viber', 'web']);
  });

  test('about two in a hundred are dissatisfied, and they comment more often', () => {
    const angry = answers.filter(({ mood }) => mood.satisfaction === 'bad');
    expect(angry.length / answers.length).toBeGreaterThan(0.008);
    expect(angry.length / answers.length).toBeLessThan(0.035);
    const commenting = (list: typeof answers): number =>
      list.filter(({ mood }) => mood.comments).length / list.length;
    expect(commenting(angry)).toBeGreaterThan(commenting(answers) * 2);
  });

  test('nobody answers before the message came, nor at night', () => {
    for (const { at } of answers) {
      expect(at.getTime()).toBeGreaterThan(NOON.getTime());
      expect(awake(at, 'Europe/Kyiv', 0)).toEqual(at);
    }
    const late = answers.filter(({ at }) => at.getTime() - NOON.getTime() > 12 * 3_600_000);
    expect(late.length).toBeGreaterThan(0);
  });

  test('the same seed gives the same people, another seed others', () => {
    const again = (seed: string) => people.slice(0, 200).map((person) => intend(new Chance(seed), usualHabits, { person, nth: 1, at: NOON })); // prettier-ignore
    expect(again('seed')).toEqual(all.slice(0, 200));
    expect(again('other')).not.toEqual(all.slice(0, 200));
  });

  test('with a share of 1 everybody answers, with 0 nobody', () => {
    const kinds = (responseShare: number): Set<string> =>
      new Set(people.slice(0, 100).map((person) => intend(chance, { ...usualHabits, responseShare, stopShare: 0, wrongNumberShare: 0 }, { person, nth: 1, at: NOON }).kind)); // prettier-ignore
    expect([...kinds(1)]).toEqual(['answer']);
    expect([...kinds(0)]).toEqual(['silent']);
  });
});

test.each([
  ['2026-01-13T22:59:00+02:00', '2026-01-13T22:59:00+02:00'],
  ['2026-01-13T23:00:00+02:00', '2026-01-14T07:30:00+02:00'],
  ['2026-01-14T03:10:00+02:00', '2026-01-14T07:30:00+02:00'],
  ['2026-01-14T07:00:00+02:00', '2026-01-14T07:00:00+02:00'],
  ['2026-03-29T02:30:00+02:00', '2026-03-29T07:30:00+03:00'],
])('an answer that falls on %s comes at %s', (planned, comes) => {
  expect(awake(new Date(planned), 'Europe/Kyiv', 0)).toEqual(new Date(comes));
});

describe('habits', () => {
  test('keep what a change does not name', () => {
    const changed = changeHabits({ ...usualHabits, stopShare: 0.5 }, { responseShare: 1 });
    expect(changed).toEqual({ ...usualHabits, stopShare: 0.5, responseShare: 1 });
  });

  test.each([{ responseShare: 1.5 }, { ways: { web: -1, sms: 0, viber: 0 } }, { unknown: 1 }])(
    'refuse %j',
    (change) => {
      expect(() => changeHabits(usualHabits, change)).toThrow(
        expect.objectContaining({ code: 'habits_invalid' }),
      );
    },
  );
});

describe('a form is filled', () => {
  const radios = (name: string, values: readonly (string | number)[]): string =>
    values.map((value) => `<label><input type=radio name=${name} value="${value}">${value}</label>`).join('');
  const form = (inner: string): HtmlForm => {
    const found = surveyForm(formsIn(`<form method=post action=/x>${inner}</form>`));
    if (!found) throw new Error('no survey form');
    return found;
  };
  const next = '<button name=go value=next>Далі</button>';
  const filled = (inner: string, mood: Mood, thorough = false): Record<string, string> =>
    Object.fromEntries(fillForm(chance, mood, form(inner), 'person', thorough).fields);

  test.each([
    ['a scale, by the satisfied', radios('q', [1, 2, 3, 4, 5]), excellent, /^5$/],
    ['a scale, by the dissatisfied', radios('q', [1, 2, 3, 4, 5]), bad, /^[12]$/],
    ['a scale written from the top', radios('q', [5, 4, 3, 2, 1]), excellent, /^5$/],
    ['0 to 10, by the satisfied', radios('q', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), excellent, /^(9|10)$/],
    ['0 to 10, by the dissatisfied', radios('q', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), bad, /^[012]$/],
    ['yes or no, by the satisfied', radios('q', ['no', 'yes']), excellent, /^yes$/],
    ['yes or no, by the dissatisfied', radios('q', ['yes', 'no']), bad, /^no$/],
    ['a choice', radios('q', ['window', 'hall']), excellent, /^(window|hall)$/],
    [
      'a list with an empty first entry',
      '<select name=q><option value="">?<option>a<option>b</select>',
      bad,
      /^[ab]$/,
    ],
    ['a comment, by one who has something to say', '<textarea name=q></textarea>', bad, /\p{L}{3}/u],
    ['a comment, by one who has not', '<textarea name=q></textarea>', excellent, /^$/],
    [
      'boxes',
      '<input type=checkbox name=q value=a><input type=checkbox name=q value=b>',
      excellent,
      /^[ab]$/,
    ],
  ])('%s', (_, inner, mood, answer) => {
    expect(filled(inner + next, mood)).toEqual({ q: expect.stringMatching(answer), go: 'next' });
  });

  test('hidden fields go along, traps stay empty', () => {
    const inner = `<input type=hidden name=t value=1><input name=url tabindex=-1>${radios('q', [1, 2, 3])}${next}`;
    expect(filled(inner, excellent)).toMatchObject({ t: '1', url: '' });
  });

  test('a question left open is skipped by the button for it', () => {
    const inner = `<textarea name=q></textarea>${next}<button name=go value=skip>Пропустити</button>`;
    expect(filled(inner, excellent)).toMatchObject({ go: 'skip' });
    expect(filled(inner, bad)).toMatchObject({ go: 'next' });
    expect(filled(inner, excellent, true)).toMatchObject({ q: expect.stringMatching(/\p{L}/u), go: 'next' });
  });

  test('a comment is no longer than allowed', () => {
    expect(filled(`<textarea name=q maxlength=5></textarea>${next}`, bad)['q']).toHaveLength(5);
  });

  test('marks may be buttons', () => {
    const marks = [1, 2, 3, 4, 5].map((n) => `<button name=q value=${n}>${n}</button>`).join('');
    expect(filled(marks, excellent)).toEqual({ q: '5' });
  });

  test.each([
    [
      'the refusal',
      '<form method=post action=/Ab3dE5gH/stop><button name=x value=1>Не писати</button></form>',
    ],
    [
      'a language switch',
      '<form method=post><button name=lang value=en>English</button><button name=lang value=uk>Укр</button></form>',
    ],
    ['a search', '<form method=get action=/><input name=q><button>x</button></form>'],
    ['a page without forms', '<p>Дякуємо!</p>'],
  ])('%s asks nothing', (_, page) => {
    expect(surveyForm(formsIn(page))).toBeUndefined();
  });
});

describe('a conversation', () => {
  const bubble = (text: string, buttons: Partial<Button>[] = []): Bubble => ({
    id: 'b1',
    by: 'centre',
    channel: 'viber',
    carrier: 'viber',
    sender: 'Відгук',
    links: [],
    at: NOON,
    status: 'delivered',
    text,
    buttons: buttons.map((button) => ({ action: 'reply', columns: 6, label: '', reply: '', ...button })),
  });
  const said = (text: string, mood: Mood): unknown => answerTo(chance, mood, bubble(text), 'person 1');

  test.each([
    ['Оцініть від 1 до 5', excellent, /^5$/],
    ['Чи порадите? 0-10', excellent, /^(9|10)$/],
    ['Чи порадите?\nВідповідь: число від 0 до 10.', excellent, /^(9|10)$/],
    ['Оцініть: 1–5, де 5 чудово', bad, /^[12]$/],
    ['Чи вирішено справу? Так/Ні', excellent, /^так$/],
    ['Чи вирішено справу? так чи ні', bad, /^ні$/],
    ['Що заважало? 1) черга 2) духота 3) інше', bad, /^[123]$/],
    ['Що варто покращити?', bad, /\p{L}{3}/u],
    ['Що варто покращити?', excellent, /^Ні, дякую$/],
  ])('to "%s" a person in that mood says %#', (text, mood, answer) => {
    expect(said(text, mood)).toEqual({ text: expect.stringMatching(answer) });
  });

  test.each(['Дякуємо за відповідь!', 'Вас прийнято 13.01-5.02, дякуємо.', ''])(
    '"%s" asks nothing',
    (text) => {
      expect(said(text, excellent)).toBeUndefined();
    },
  );

  test('an open question is skipped by its button, or answered in words', () => {
    const skip = [{ reply: 'v1:Ab3dE5gH:comment:skip', label: 'Пропустити' }];
    const say = (mood: Mood): unknown => answerTo(chance, mood, bubble('Що поліпшити?', skip), 'person 1');
    expect(say(excellent)).toMatchObject({ press: { label: 'Пропустити' } });
    expect(say(bad)).toEqual({ text: expect.stringMatching(/\p{L}{3}/u) });
  });

  test('begins with a mark as people text it', () => {
    expect(firstWord(chance, excellent, 'a')).toEqual({ text: expect.stringMatching(/5|чудово|п'ять/i) });
    expect(firstWord(chance, bad, 'a')).toEqual({ text: expect.stringMatching(/1|2|погано|жахливо/i) });
  });

  test('presses the button that fits the mood, and never the way out', () => {
    const marks = [1, 2, 3, 4, 5].map((n) => ({ reply: `v1:Ab3dE5gH:q:${n}` }));
    const pressed = (buttons: Partial<Button>[], mood: Mood): unknown => answerTo(chance, mood, bubble('', buttons), 'person 1'); // prettier-ignore
    expect(pressed(marks, excellent)).toMatchObject({ press: { reply: 'v1:Ab3dE5gH:q:5' } });
    expect(pressed([{ reply: 'v1:a:q:no' }, { reply: 'v1:a:q:yes' }], excellent)).toMatchObject({ press: { reply: 'v1:a:q:yes' } }); // prettier-ignore
    expect(pressed([{ reply: 'v1:a:stop' }, { reply: 'v1:a:q:x' }], bad)).toMatchObject({ press: { reply: 'v1:a:q:x' } }); // prettier-ignore
  });
});
