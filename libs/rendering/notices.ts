/** Short texts of the conversation itself: what a word from a person was understood to mean. */
export type NoticeKind = 'opted_out' | 'opted_in' | 'help' | 'wrong_number' | 'closed';

type Texts = Readonly<Record<NoticeKind, string>>;

// Each fits one SMS part: 70 characters in Cyrillic, 160 in English.
const TEXTS = {
  uk: {
    opted_out: 'Більше не писатимемо Вам. Якщо передумаєте, надішліть СТАРТ.',
    opted_in: 'Дякуємо! Ми знову питатимемо Вашу думку. Відмовитися: СТОП.',
    help: 'Це опитування про Ваш візит до центру. Відмовитися: надішліть СТОП.',
    wrong_number: 'Перепрошуємо за помилку. Більше не писатимемо на цей номер.',
    closed: 'Це опитування вже завершено. Дякуємо за Вашу увагу!',
  },
  en: {
    opted_out: 'We will not write to you again. If you change your mind, send START.',
    opted_in: 'Thank you! We will ask for your opinion again. To stop, send STOP.',
    help: 'This is a survey about your visit to a service centre. To stop receiving messages, send STOP.',
    wrong_number: 'Sorry for the mistake. We will not write to this number again.',
    closed: 'This survey has already closed. Thank you for your time!',
  },
  // Only for people who chose this language themselves.
  ru: {
    opted_out: 'Больше не будем Вам писать. Если передумаете, отправьте СТАРТ.',
    opted_in: 'Спасибо! Мы снова будем спрашивать Ваше мнение. Отказаться: СТОП.',
    help: 'Это опрос о Вашем визите в центр. Отказаться: отправьте СТОП.',
    wrong_number: 'Извините за ошибку. Больше не будем писать на этот номер.',
    closed: 'Этот опрос уже завершён. Спасибо за Ваше внимание!',
  },
} satisfies Record<string, Texts>;

/** The notice in the language asked for (`uk`, `uk-UA`), in Ukrainian when there is none. */
export function noticeText(kind: NoticeKind, locale: string): string {
  const language = locale.toLowerCase().split(/[-_]/)[0] ?? '';
  return TEXTS[language in TEXTS ? (language as keyof typeof TEXTS) : 'uk'][kind];
}

export function isNoticeKind(text: string): text is NoticeKind {
  return Object.hasOwn(TEXTS.uk, text);
}
