import type { Locale } from './wording.js';

/** The words of the pages on campaigns and message texts. */
export interface SetUpWords {
  readonly campaigns: string;
  readonly campaignsNote: string;
  readonly none: string;
  readonly facts: Readonly<Record<'key' | 'pack' | 'who' | 'when' | 'hours' | 'closed' | 'channels' | 'cap' | 'reminder' | 'sample' | 'valid' | 'basis' | 'survey' | 'texts', string>>;
  readonly days: Readonly<Record<string, string>>;
  readonly basis: Readonly<Record<'public_task' | 'consent', string>>;
  readonly outcomes: Readonly<Record<string, string>>;
  readonly everyCentre: string;
  readonly after: (delay: string) => string;
  readonly atMost: (n: number, per: string) => string;
  readonly reminderAfter: (after: string, max: number) => string;
  readonly validFor: (time: string) => string;
  readonly no: string;
  readonly percent: (sample: number, control: number) => string;
  readonly fallback: (after: string) => string;
  readonly duration: (iso: string) => string;
  readonly texts: string;
  readonly textsNote: string;
  readonly inForce: string;
  readonly source: string;
  readonly sourceHint: string;
  readonly role: string;
  readonly roles: Readonly<Record<'invite' | 'reminder' | 'thanks', string>>;
  readonly channel: string;
  readonly locale: string;
  readonly maxParts: string;
  readonly check: string;
  readonly typical: string;
  readonly worst: string;
  readonly cost: (encoding: string, units: number, parts: number) => string;
  readonly costly: (characters: string) => string;
  readonly fine: string;
  readonly problems: string;
  readonly place: (line: number, column: number) => string;
} // prettier-ignore

const UNITS: Readonly<Record<Locale, Readonly<Record<string, string>>>> = {
  uk: { Y: 'р.', MO: 'міс.', W: 'тиж.', D: 'дн.', H: 'год', M: 'хв', S: 'с' },
  en: { Y: 'y', MO: 'mo', W: 'w', D: 'd', H: 'h', M: 'min', S: 's' },
};

/** `PT45M` as `45 хв`: numbers with short units, which need no grammar. */
function duration(iso: string, locale: Locale): string {
  const [date = '', time = ''] = iso.replace(/^P/, '').split('T');
  const parts = [...date.matchAll(/(\d+)([YMWD])/g)].map(([, n = '', unit = '']) => [n, unit === 'M' ? 'MO' : unit]);
  const hours = [...time.matchAll(/(\d+)([HMS])/g)].map(([, n = '', unit = '']) => [n, unit]);
  return [...parts, ...hours].map(([n = '', unit = '']) => `${n} ${UNITS[locale][unit] ?? unit}`).join(' ');
} // prettier-ignore

const uk: SetUpWords = {
  campaigns: 'Кампанії',
  campaignsNote: 'Те, що діє зараз. Змінити: виправте файли пакета й виконайте vidhuk pack apply … --publish.',
  none: 'Жодна кампанія ще не діє. Виконайте vidhuk pack apply templates/cnap --publish.',
  facts: { key: 'Ключ', pack: 'Пакет', who: 'Кого питають', when: 'Коли', hours: 'Години надсилання', closed: 'Не надсилати', channels: 'Канали', cap: 'Не частіше', reminder: 'Нагадування', sample: 'Вибірка', valid: 'Посилання діє', basis: 'Підстава', survey: 'Анкета', texts: 'Тексти' },
  days: { mon: 'пн', tue: 'вт', wed: 'ср', thu: 'чт', fri: 'пт', sat: 'сб', sun: 'нд' },
  basis: { public_task: 'публічне завдання', consent: 'згода' },
  outcomes: { served: 'обслуговані', left: 'пішли', no_show: 'не прийшли', redirected: 'перенаправлені' },
  everyCentre: 'усі центри',
  after: (delay) => `через ${delay} після візиту`,
  atMost: (n, per) => `${n} на ${per}`,
  reminderAfter: (after, max) => `через ${after}, не більше ${max}`,
  validFor: (time) => time,
  no: 'немає',
  percent: (sample, control) => `${sample} % візитів, контрольна група ${control} % людей`,
  fallback: (after) => `наступний канал через ${after} без доставки`,
  duration: (iso) => duration(iso, 'uk'),
  texts: 'Тексти повідомлень',
  textsNote: 'Перевірте текст, перш ніж класти його в пакет: як він виглядатиме і скільки частин SMS коштуватиме. Нічого не зберігається.',
  inForce: 'Тексти, що діють',
  source: 'Текст',
  sourceHint: 'Поля: {{link}} {{centre}} {{service}} {{date}} {{deadline}} {{sender}}; {{#if service}}…{{/if}}.',
  role: 'Для чого',
  roles: { invite: 'запрошення', reminder: 'нагадування', thanks: 'подяка' },
  channel: 'Канал',
  locale: 'Мова',
  maxParts: 'Дозволено частин',
  check: 'Показати',
  typical: 'Зазвичай',
  worst: 'З найдовшими значеннями',
  cost: (encoding, units, parts) => `${encoding}, знаків ${units}, частин SMS: ${parts}`,
  costly: (characters) => `Не в алфавіті GSM-7: ${characters}`,
  fine: 'Текст можна публікувати.',
  problems: 'Цей текст не можна опублікувати:',
  place: (line, column) => `рядок ${line}, знак ${column}`,
}; // prettier-ignore

const en: SetUpWords = {
  campaigns: 'Campaigns',
  campaignsNote: 'What is in force now. To change it, edit the files of the pack and run vidhuk pack apply … --publish.',
  none: 'No campaign is in force yet. Run vidhuk pack apply templates/cnap --publish.',
  facts: { key: 'Key', pack: 'Pack', who: 'Who is asked', when: 'When', hours: 'Hours', closed: 'Not on', channels: 'Channels', cap: 'At most', reminder: 'Reminder', sample: 'Sample', valid: 'Link lives', basis: 'Legal basis', survey: 'Survey', texts: 'Texts' },
  days: { mon: 'Mon', tue: 'Tue', wed: 'Wed', thu: 'Thu', fri: 'Fri', sat: 'Sat', sun: 'Sun' },
  basis: { public_task: 'public task', consent: 'consent' },
  outcomes: { served: 'served', left: 'left', no_show: 'no-show', redirected: 'redirected' },
  everyCentre: 'every centre',
  after: (delay) => `${delay} after the visit`,
  atMost: (n, per) => `${n} in ${per}`,
  reminderAfter: (after, max) => `after ${after}, ${max} at most`,
  validFor: (time) => time,
  no: 'none',
  percent: (sample, control) => `${sample} % of visits, control group ${control} % of people`,
  fallback: (after) => `the next channel after ${after} without delivery`,
  duration: (iso) => duration(iso, 'en'),
  texts: 'Message texts',
  textsNote: 'Try a text before it goes into a pack: how it will look and how many SMS parts it will cost. Nothing is stored.',
  inForce: 'Texts in force',
  source: 'Text',
  sourceHint: 'Fields: {{link}} {{centre}} {{service}} {{date}} {{deadline}} {{sender}}; {{#if service}}…{{/if}}.',
  role: 'What for',
  roles: { invite: 'invitation', reminder: 'reminder', thanks: 'thanks' },
  channel: 'Channel',
  locale: 'Language',
  maxParts: 'Parts allowed',
  check: 'Show',
  typical: 'Usually',
  worst: 'With the longest values',
  cost: (encoding, units, parts) => `${encoding}, ${units} units, SMS parts: ${parts}`,
  costly: (characters) => `Outside GSM-7: ${characters}`,
  fine: 'The text may be published.',
  problems: 'This text cannot be published:',
  place: (line, column) => `line ${line}, column ${column}`,
}; // prettier-ignore

export function setUpWords(locale: Locale): SetUpWords {
  return locale === 'en' ? en : uk;
}
