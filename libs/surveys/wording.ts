/** The fixed words around a question, for people. Ви-forms, no gendered past tense (Ukrainian style). */
export interface Words {
  readonly yes: string;
  readonly no: string;
  readonly skip: string;
  readonly fiveMarks: readonly string[];
  number(from: string, to: string): string;
  readonly yesOrNo: string;
  readonly oneNumber: string;
  readonly manyNumbers: string;
  readonly write: string;
  readonly writeOrSkip: string;
  readonly skipBy: string;
  /** What 0 and 10 stand for. */
  readonly unlikely: string;
  readonly likely: string;
  readonly pressOrList: string;
  /** Begins the one repeat of a question whose answer could not be read. */
  readonly again: string;
}

const uk: Words = {
  yes: 'Так',
  no: 'Ні',
  skip: 'Пропустити',
  fiveMarks: ['жахливо', 'погано', 'прийнятно', 'добре', 'чудово'],
  number: (from, to) => `Відповідь: число від ${from} до ${to}.`,
  yesOrNo: 'Відповідь: ТАК або НІ.',
  oneNumber: 'Відповідь: один номер.',
  manyNumbers: 'Відповідь: один чи кілька номерів через кому.',
  write: 'Напишіть відповідь одним повідомленням.',
  writeOrSkip: 'Напишіть відповідь або натисніть «Пропустити».',
  skipBy: 'Пропустити: надішліть «-».',
  unlikely: 'точно ні',
  likely: 'точно так',
  pressOrList: 'Натисніть один варіант або напишіть кілька номерів через кому.',
  again: 'На жаль, відповідь не вдалося прочитати.',
};

const en: Words = {
  yes: 'Yes',
  no: 'No',
  skip: 'Skip',
  fiveMarks: ['terrible', 'bad', 'acceptable', 'good', 'excellent'],
  number: (from, to) => `Reply with a number from ${from} to ${to}.`,
  yesOrNo: 'Reply YES or NO.',
  oneNumber: 'Reply with one number.',
  manyNumbers: 'Reply with one or more numbers, separated by commas.',
  write: 'Write your answer in one message.',
  writeOrSkip: 'Write your answer or press Skip.',
  skipBy: 'To skip, reply "-".',
  unlikely: 'certainly not',
  likely: 'certainly yes',
  pressOrList: 'Press one, or write several numbers separated by commas.',
  again: 'Sorry, that answer could not be read.',
};

const byLocale: Readonly<Record<string, Words>> = { uk, en };

/** Words in the locale, else Ukrainian. */
export function wordsIn(locale: string): Words {
  return byLocale[locale] ?? uk;
}
