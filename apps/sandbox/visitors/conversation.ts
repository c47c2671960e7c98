import type { Chance } from '../chance.js';
import type { Bubble, Button, Phone } from '../phones/phone.js';
import type { Mood } from './intention.js';
import { commentOf, scoreOf, spokenScore } from './opinions.js';

export type Utterance = { readonly text: string } | { readonly press: Button };

const SCALE = /(?<![\d.:])([01])\s*(?:-|–|—|до|to)\s*(3|4|5|7|10)(?![.:]?\d)/;
const YES_NO = /(?:так|yes)\s*(?:\/|,|чи|або|or)\s*(?:ні|no)/i;
const WAY_OUT = /skip|stop|пропуст|стоп|відпис/i;
const NUMBERED = /(?:^|\s)(\d{1,2})[.)]\s/g;

/** The first word to an invitation by SMS: a mark, as people text it. */
export function firstWord(chance: Chance, mood: Mood, person: string): Utterance {
  return { text: spokenScore(chance, mood, person) };
}

/** What the person says to a message inside a conversation; undefined when it asks nothing more. */
export function answerTo(chance: Chance, mood: Mood, bubble: Bubble, person: string): Utterance | undefined {
  const buttons = bubble.buttons.filter(({ action }) => action === 'reply');
  // Where the only button skips the question, it is an open one.
  const open = buttons.every(({ reply, label }) => WAY_OUT.test(`${reply} ${label}`));
  if (buttons.length > 0 && open && mood.comments) return { text: commentOf(chance, mood, person) };
  if (buttons.length > 0) return { press: buttonFor(chance, mood, buttons, person) };
  const scale = SCALE.exec(bubble.text);
  if (scale) return { text: String(scoreOf(chance, mood, Number(scale[1]), Number(scale[2]), person)) };
  if (YES_NO.test(bubble.text)) return { text: mood.satisfaction === 'bad' ? 'ні' : 'так' };
  const numbers = [...bubble.text.matchAll(NUMBERED)].map(([, n = '']) => n);
  if (numbers.length >= 2) return { text: chance.pick(numbers, 'numbered', person) };
  if (!bubble.text.includes('?')) return undefined;
  return { text: mood.comments ? commentOf(chance, mood, person) : 'Ні, дякую' };
}

/** The mark that fits the mood among numbered buttons, yes or no among those, else any but a way out. */
function buttonFor(chance: Chance, mood: Mood, buttons: readonly Button[], person: string): Button {
  const values = buttons.map((button) => /(\d+)$/.exec(button.reply)?.[1]);
  const numbers = values.filter((value) => value !== undefined).map(Number);
  if (numbers.length >= 3) {
    const wanted = scoreOf(chance, mood, Math.min(...numbers), Math.max(...numbers), person);
    const button = buttons.find((_, i) => Number(values[i]) === wanted);
    if (button) return button;
  }
  const ending = mood.satisfaction === 'bad' ? /:(no|false|ні)$/i : /:(yes|true|так)$/i;
  const decided = buttons.find(({ reply }) => ending.test(reply));
  if (decided) return decided;
  const onward = buttons.filter(({ reply, label }) => !WAY_OUT.test(`${reply} ${label}`));
  return chance.pick(onward.length > 0 ? onward : buttons, 'button', person);
}

/** Whether the last thing the person wrote or pressed reached our side. */
export function wasTaken(phone: Phone): boolean {
  return phone.bubbles.findLast(({ by }) => by === 'person')?.status === 'sent';
}

/** `v1:{code}:{question}:{value}`, as the buttons of our surveys reply. */
export function codeOfButtons(bubble: Bubble): string | undefined {
  return bubble.buttons
    .map(({ reply }) => /^v1:([^:]+):/.exec(reply)?.[1])
    .find((code) => code !== undefined);
}
