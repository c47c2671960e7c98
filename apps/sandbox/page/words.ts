import type { BubbleStatus, ViberStanding } from '../phones/phone.js';

export type Language = 'uk' | 'en';

export interface Words {
  readonly title: string;
  readonly tagline: string;
  readonly skip: string;
  readonly phones: string;
  readonly search: string;
  readonly find: string;
  readonly nothingFound: string;
  readonly more: string;
  readonly addPhone: string;
  readonly number: string;
  readonly add: string;
  readonly yours: string;
  readonly noMessages: string;
  readonly conversation: string;
  readonly back: string;
  readonly empty: string;
  readonly introTitle: string;
  readonly intro: readonly string[];
  readonly reply: string;
  readonly replyHint: string;
  readonly send: string;
  readonly quick: string;
  readonly channel: string;
  readonly openSurvey: string;
  readonly openInViber: string;
  readonly openChat: string;
  readonly unsubscribe: string;
  readonly oneWay: string;
  readonly newTab: string;
  readonly you: string;
  readonly parts: (n: number) => string;
  readonly unread: (n: number) => string;
  readonly status: Readonly<Record<BubbleStatus, string>>;
  readonly viber: Readonly<Record<ViberStanding, string>>;
  readonly smsStopped: string;
  readonly counts: { readonly accepted: string; readonly phones: string; readonly clock: string };
  readonly problems: string;
  readonly visitors: string;
  readonly visitorsOn: string;
  readonly visitorsOff: string;
  readonly switchOn: string;
  readonly switchOff: string;
  readonly otherLanguage: string;
  readonly failed: string;
}

const uk: Words = {
  title: 'Телефони пісочниці',
  tagline: 'Справжнім людям нічого не надсилається',
  skip: 'До листування',
  phones: 'Телефони',
  search: 'Пошук за номером або іменем',
  find: 'Знайти',
  nothingFound: 'Такого телефону немає.',
  more: 'Показати ще',
  addPhone: 'Додати телефон',
  number: 'Номер телефону',
  add: 'Додати',
  yours: 'Ваш телефон',
  noMessages: 'Повідомлень ще немає',
  conversation: 'Листування',
  back: 'Усі телефони',
  empty: 'Тут з’являться повідомлення, щойно їх буде надіслано на цей номер.',
  introTitle: 'Оберіть телефон',
  intro: [
    'Тут видно все, що система надсилає відвідувачам: SMS і повідомлення Viber, так, як їх бачить людина.',
    'Відкрийте посилання з повідомлення, дайте відповідь текстом або кнопкою. Система отримає її тим самим шляхом, що й від справжнього оператора.',
    'Напишіть СТОП, щоб побачити, як працює відмова.',
  ],
  reply: 'Ваша відповідь',
  replyHint: 'Повідомлення',
  send: 'Надіслати',
  quick: 'Швидка відповідь',
  channel: 'Куди',
  openSurvey: 'Відкрити анкету',
  openInViber: 'Відкрити у Viber',
  openChat: 'Чат у Viber',
  unsubscribe: 'Відписатися',
  oneWay: 'Відправник підписаний назвою, тому відповісти йому через SMS не можна.',
  newTab: 'відкриється в новій вкладці',
  you: 'Ви',
  parts: (n) =>
    `${n} ${plural('uk', n, { one: 'частина', few: 'частини', many: 'частин', other: 'частини' })}`,
  unread: (n) => `${n} ${plural('uk', n, { one: 'непрочитане', few: 'непрочитані', many: 'непрочитаних', other: 'непрочитаного' })}`, // prettier-ignore
  status: {
    pending: 'в дорозі',
    sent: 'надіслано',
    delivered: 'доставлено',
    seen: 'переглянуто',
    undelivered: 'не доставлено',
    failed: 'помилка',
  },
  viber: {
    none: 'Viber: чат не відкрито',
    opened: 'Viber: чат відкрито, підписки немає',
    subscribed: 'Viber: підписка є',
    unsubscribed: 'Viber: підписку скасовано',
  },
  smsStopped: 'SMS зупинено в оператора',
  counts: { accepted: 'Повідомлень', phones: 'Телефонів', clock: 'Годинник' },
  problems: 'Останні збої викликів',
  visitors: 'Віртуальні відвідувачі',
  visitorsOn: 'відповідають самі',
  visitorsOff: 'вимкнено',
  switchOn: 'Увімкнути',
  switchOff: 'Вимкнути',
  otherLanguage: 'English',
  failed: 'Не вдалося',
};

const en: Words = {
  title: 'Sandbox phones',
  tagline: 'Nothing here reaches real people',
  skip: 'To the conversation',
  phones: 'Phones',
  search: 'Search by number or name',
  find: 'Find',
  nothingFound: 'There is no such phone.',
  more: 'Show more',
  addPhone: 'Add a phone',
  number: 'Phone number',
  add: 'Add',
  yours: 'Your phone',
  noMessages: 'No messages yet',
  conversation: 'Conversation',
  back: 'All phones',
  empty: 'Messages appear here as soon as they are sent to this number.',
  introTitle: 'Choose a phone',
  intro: [
    'This is everything the system sends to visitors: SMS and Viber messages, the way a person sees them.',
    'Open the link in a message, reply with text or press a button. The system gets it the way it would from a real carrier.',
    'Write STOP to see how a refusal works.',
  ],
  reply: 'Your reply',
  replyHint: 'Message',
  send: 'Send',
  quick: 'Quick reply',
  channel: 'Through',
  openSurvey: 'Open the survey',
  openInViber: 'Open in Viber',
  openChat: 'Viber chat',
  unsubscribe: 'Unsubscribe',
  oneWay: 'The sender is a name, so it cannot be answered by SMS.',
  newTab: 'opens in a new tab',
  you: 'You',
  parts: (n) => `${n} ${n === 1 ? 'part' : 'parts'}`,
  unread: (n) => `${n} unread`,
  status: {
    pending: 'on its way',
    sent: 'sent',
    delivered: 'delivered',
    seen: 'seen',
    undelivered: 'not delivered',
    failed: 'failed',
  },
  viber: {
    none: 'Viber: chat not opened',
    opened: 'Viber: chat opened, not subscribed',
    subscribed: 'Viber: subscribed',
    unsubscribed: 'Viber: unsubscribed',
  },
  smsStopped: 'SMS stopped at the carrier',
  counts: { accepted: 'Messages', phones: 'Phones', clock: 'Clock' },
  problems: 'Latest failed calls',
  visitors: 'Virtual visitors',
  visitorsOn: 'answer by themselves',
  visitorsOff: 'off',
  switchOn: 'Switch on',
  switchOff: 'Switch off',
  otherLanguage: 'Українська',
  failed: 'Failed',
};

export const words: Readonly<Record<Language, Words>> = { uk, en };

function plural(
  language: Language,
  n: number,
  forms: Readonly<Record<'one' | 'few' | 'many' | 'other', string>>,
): string {
  const rule = new Intl.PluralRules(language).select(n);
  return rule === 'zero' || rule === 'two' ? forms.other : forms[rule];
}

const ZONE = 'Europe/Kyiv';

export function clockTime(language: Language, at: Date): string {
  return new Intl.DateTimeFormat(locale(language), {
    hour: '2-digit',
    minute: '2-digit',
    timeZone: ZONE,
  }).format(at);
}

export function day(language: Language, at: Date): string {
  return new Intl.DateTimeFormat(locale(language), {
    day: 'numeric',
    month: 'long',
    weekday: 'long',
    timeZone: ZONE,
  }).format(at);
}

export function shortDay(language: Language, at: Date): string {
  return new Intl.DateTimeFormat(locale(language), { day: 'numeric', month: 'short', timeZone: ZONE }).format(
    at,
  );
}

export function count(language: Language, n: number): string {
  return new Intl.NumberFormat(locale(language)).format(n);
}

function locale(language: Language): string {
  return language === 'uk' ? 'uk-UA' : 'en-GB';
}
