import type { Chance } from '../chance.js';
import type { Mood } from './intention.js';

const PRAISE = [
  'Дякую, все швидко і зрозуміло',
  'Дуже привітні працівники, дякую!',
  'Все чудово, так тримати',
  'Приємно здивувала швидкість обслуговування',
  'Документи готові раніше, ніж очікувалося. Дякую!',
  'Зручна електронна черга, майже не довелося чекати',
  'Пояснили все по пунктах, без зайвих папірців',
  'Гарний центр, чисто і тепло',
  'Спасибі дівчатам з рецепції за терпіння',
  'Усе добре, тільки паркування бракує',
  'Консультантка допомогла заповнити заяву, дуже вдячні',
  'Справу вирішено за 15 хвилин',
];
const COMPLAINTS = [
  'Дуже довга черга, чекали понад годину',
  'Мало місць для очікування, душно',
  'Двічі відправляли за іншою довідкою, хоча на сайті про неї нічого немає',
  'Працівниця за третім вікном розмовляла грубо',
  'Термінал талонів не працював, ніхто не пояснив, куди йти',
  'Не прийняли без запису, хоча зал був порожній',
];
/** Every remark that virtual visitors make, in chats and on pages. */
export const REMARKS: readonly string[] = [...PRAISE, ...COMPLAINTS];
const SCORES: Readonly<Record<Mood['satisfaction'], readonly string[]>> = {
  excellent: ['5', '5', '5', '5+', 'чудово', 'Чудово!', "п'ять", '5 дякую'],
  good: ['4', '4', 'добре', 'Добре', 'чотири'],
  bad: ['1', '2', 'погано', 'жахливо'],
};

/** The mark on a scale from `low` to `high` that fits the mood. */
export function scoreOf(chance: Chance, mood: Mood, low: number, high: number, ...purpose: string[]): number {
  const step = high - low >= 9 ? 2 : 1;
  const slack = Math.floor(step * chance.of('score', ...purpose));
  switch (mood.satisfaction) {
    case 'excellent':
      return high - slack;
    case 'good':
      return Math.max(low, high - step - slack);
    case 'bad':
      return low + Math.round(step * chance.of('score', ...purpose));
  }
}

/** A mark in words or digits, the way people text it. */
export function spokenScore(chance: Chance, mood: Mood, ...purpose: string[]): string {
  return chance.pick(SCORES[mood.satisfaction], 'spoken', ...purpose);
}

export function commentOf(chance: Chance, mood: Mood, ...purpose: string[]): string {
  return chance.pick(mood.satisfaction === 'bad' ? COMPLAINTS : PRAISE, 'comment', ...purpose);
}
