/** The words of the page in one language. Ви-forms, no gendered past tense (Ukrainian style). */
export interface PageWords {
  readonly languageName: string;
  /** What a preview in a messenger shows: nothing of the visit, since phones are shared. */
  readonly preview: string;
  readonly skipToMain: string;
  readonly language: string;
  readonly problem: string;
  readonly error: string;
  readonly back: string;
  readonly next: string;
  /** On the last step. */
  readonly finish: string;
  readonly saved: string;
  readonly skip: string;
  readonly optional: string;
  readonly several: string;
  readonly voluntary: string;
  readonly stopLink: string;
  readonly toSurvey: string;
  readonly chooseOne: string;
  readonly chooseSome: string;
  readonly writeSomething: string;
  readonly tooLong: string;
  readonly notSaved: string;
  step(step: number, atMost: number): string;
  visit(centre: string, date: string): string;
  readonly done: Message;
  readonly expired: Message;
  readonly late: Message;
  readonly unknown: Message;
  readonly tooMany: Message;
  readonly broken: Message;
  readonly stop: Message & { readonly button: string };
  readonly stopped: Message & { readonly button: string };
  readonly viber: Message & { readonly button: string; readonly here: string };
}

export interface Message {
  readonly heading: string;
  readonly paragraphs: readonly string[];
}

const uk: PageWords = {
  languageName: 'Українська',
  preview: 'Опитування',
  skipToMain: 'До опитування',
  language: 'Мова',
  problem: 'Відповідь ще не збережено',
  error: 'Помилка:',
  back: 'Назад',
  next: 'Далі',
  finish: 'Завершити',
  saved: 'Ваші оцінки вже збережено, дякуємо! Лишилося необов’язкове питання.',
  skip: 'Пропустити',
  optional: 'За бажанням. Не пишіть, будь ласка, імен, номерів і адрес.',
  several: 'Можна обрати кілька.',
  voluntary: 'Участь добровільна.',
  stopLink: 'Більше не писати мені',
  toSurvey: 'Повернутися до опитування',
  chooseOne: 'Оберіть одну відповідь',
  chooseSome: 'Оберіть хоча б одну відповідь',
  writeSomething: 'Напишіть відповідь',
  tooLong: 'Скоротіть, будь ласка, відповідь до 1200 знаків',
  notSaved: 'Відповідь не збережено через помилку на нашому боці. Надішліть її ще раз за хвилину',
  step: (step, atMost) => (atMost > 1 ? `Питання ${step} із ${atMost}` : 'Одне питання'),
  visit: (centre, date) => `${centre}, ${date}`,
  done: {
    heading: 'Дякуємо!',
    paragraphs: [
      'Ваші відповіді збережено.',
      'Що далі: вони потраплять до звітів про якість обслуговування без Вашого номера, а низьку оцінку окремо розгляне відповідальний працівник.',
      'Цю сторінку можна закрити.',
    ],
  },
  expired: {
    heading: 'Опитування вже завершено',
    paragraphs: [
      'Час на відповіді минув, тож відповісти за цим посиланням уже не можна.',
      'Якщо Вам є що сказати про обслуговування, зверніться, будь ласка, до центру, який Ви відвідали.',
    ],
  },
  late: {
    heading: 'Дякуємо!',
    paragraphs: ['Вашу відповідь збережено, хоча час опитування вже минув.', 'Цю сторінку можна закрити.'],
  },
  unknown: {
    heading: 'Такої сторінки немає',
    paragraphs: [
      'Перевірте, чи повністю скопійовано посилання з повідомлення: після скісної риски має бути 8 букв і цифр, великі й малі букви відрізняються.',
      'Якщо посилання з повідомлення не відкривається, зверніться, будь ласка, до центру, який Ви відвідали.',
    ],
  },
  tooMany: {
    heading: 'Забагато спроб',
    paragraphs: ['Зачекайте, будь ласка, хвилину й відкрийте посилання з повідомлення ще раз.'],
  },
  broken: {
    heading: 'Щось пішло не так',
    paragraphs: [
      'Це помилка на нашому боці. Збережені відповіді нікуди не зникли.',
      'Спробуйте, будь ласка, ще раз за хвилину.',
    ],
  },
  stop: {
    heading: 'Більше не писати Вам?',
    paragraphs: [
      'Ви більше не отримуватимете від нас запрошень до опитувань ні через SMS, ні через Viber. На обслуговування в центрах це не вплине.',
    ],
    button: 'Більше не писати мені',
  },
  stopped: {
    heading: 'Готово: більше не писатимемо',
    paragraphs: ['Ваш вибір діє і для SMS, і для Viber. Якщо передумаєте, дозвольте повідомлення тут.'],
    button: 'Знову отримувати повідомлення',
  },
  viber: {
    heading: 'Відповісти у Viber',
    paragraphs: [
      'Натисніть кнопку: відкриється чат, у якому можна відповісти кількома дотиками.',
      'Якщо Viber не відкрився або його немає на цьому пристрої, дайте відповідь тут.',
    ],
    button: 'Відкрити Viber',
    here: 'Відповісти на цій сторінці',
  },
};

const en: PageWords = {
  languageName: 'English',
  preview: 'Survey',
  skipToMain: 'Skip to the survey',
  language: 'Language',
  problem: 'Your answer is not saved yet',
  error: 'Error:',
  back: 'Back',
  next: 'Continue',
  finish: 'Finish',
  saved: 'Your ratings are saved, thank you! What is left is optional.',
  skip: 'Skip',
  optional: 'Optional. Please leave out names, numbers and addresses.',
  several: 'You may choose several.',
  voluntary: 'Taking part is voluntary.',
  stopLink: 'Do not write to me again',
  toSurvey: 'Back to the survey',
  chooseOne: 'Choose one answer',
  chooseSome: 'Choose at least one answer',
  writeSomething: 'Write your answer',
  tooLong: 'Please shorten your answer to 1200 characters',
  notSaved: 'Your answer was not saved; the fault is ours. Please send it again in a minute',
  step: (step, atMost) => (atMost > 1 ? `Question ${step} of ${atMost}` : 'One question'),
  visit: (centre, date) => `${centre}, ${date}`,
  done: {
    heading: 'Thank you!',
    paragraphs: [
      'Your answers are saved.',
      'What happens next: they go into reports on the quality of service without your number, and a low rating is looked into by the person responsible.',
      'You can close this page.',
    ],
  },
  expired: {
    heading: 'This survey has closed',
    paragraphs: [
      'The time for answers is over, so this link can no longer be used.',
      'If you have something to say about the service, please contact the centre you visited.',
    ],
  },
  late: {
    heading: 'Thank you!',
    paragraphs: ['Your answer is saved, although the survey has already closed.', 'You can close this page.'],
  },
  unknown: {
    heading: 'There is no such page',
    paragraphs: [
      'Check that the link from the message was copied in full: after the slash there are 8 letters and digits, and capital and small letters differ.',
      'If the link from the message does not open, please contact the centre you visited.',
    ],
  },
  tooMany: {
    heading: 'Too many attempts',
    paragraphs: ['Please wait a minute and open the link from the message again.'],
  },
  broken: {
    heading: 'Something went wrong',
    paragraphs: ['The fault is ours. Answers that were saved are not lost.', 'Please try again in a minute.'],
  },
  stop: {
    heading: 'Stop writing to you?',
    paragraphs: [
      'You will get no more invitations to surveys from us, neither by SMS nor by Viber. It does not affect how you are served at the centres.',
    ],
    button: 'Do not write to me again',
  },
  stopped: {
    heading: 'Done: we will not write again',
    paragraphs: ['Your choice holds for SMS and for Viber. If you change your mind, turn messages on here.'],
    button: 'Receive messages again',
  },
  viber: {
    heading: 'Answer in Viber',
    paragraphs: [
      'Press the button: a chat opens in which a few taps are enough to answer.',
      'If Viber does not open, or this device does not have it, answer here.',
    ],
    button: 'Open Viber',
    here: 'Answer on this page',
  },
};

export const PAGE_WORDS: Readonly<Record<string, PageWords>> = { uk, en };

/** The words in the locale, else in Ukrainian, the language of the state (Law 2704-VIII, art. 27). */
export function pageWords(locale: string): PageWords {
  return PAGE_WORDS[locale] ?? uk;
}
