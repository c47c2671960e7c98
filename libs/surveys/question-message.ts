import { formValue, SKIP } from './answer-check.js';
import { optionsOf } from './options.js';
import { textIn, type Question, type Survey } from './survey.js';
import { wordsIn } from './wording.js';

/** As `Keyboard` of the channel contract; declared here since surveys stand above no channel. */
export interface AnswerKeyboard {
  readonly buttons: readonly { label: string; reply: string; width: 1 | 2 | 3 | 6 }[];
}

export interface QuestionMessage {
  readonly text: string;
  readonly keyboard?: AnswerKeyboard;
}

export interface MessageForm {
  readonly locale: string;
  readonly channel: 'sms' | 'viber';
  readonly code: string;
  readonly again?: boolean;
  /** False where the text before it already says what the survey is about. */
  readonly titled?: boolean;
}

const BUTTON = /^v1:([1-9A-HJ-NP-Za-km-z]{8}):([a-z][a-z0-9_]{0,39}):(-|[a-z0-9_]{1,40})$/;

/** What a press sends back: bound to one invitation and one question, so that an old keyboard cannot misfire. */
export function buttonReply(code: string, questionKey: string, value: string): string {
  return `v1:${code}:${questionKey}:${value}`;
}

/** The parts of a button's reply; undefined when the text is not one of ours. */
export function parseButton(text: string): { code: string; questionKey: string; value: string } | undefined {
  const match = BUTTON.exec(text.trim());
  if (!match) return undefined;
  return { code: match[1] ?? '', questionKey: match[2] ?? '', value: match[3] ?? '' };
}

/**
 * One question as a message. By SMS: the question and how to answer, short. By Viber: the question and buttons
 * (free text has none), under the survey's title when it is the first. `again` says that the last answer could not be
 * read, so that the repeat is not the same text. `locale` falls back to Ukrainian.
 */
export function questionMessage(
  survey: Survey,
  question: Question,
  { locale, channel, code, again = false, titled = true }: MessageForm,
): QuestionMessage {
  const keyboard = channel === 'viber' ? keyboardOf(question, locale, code) : undefined;
  const how = keyboard ? howToPress(question, locale) : howToWrite(question, locale);
  const isFirst = survey.questions[0]?.key === question.key;
  const title = titled && channel === 'viber' && isFirst ? `${textIn(survey.title, locale)}\n\n` : '';
  const opening = again ? `${wordsIn(locale).again} ` : title;
  const text = opening + textIn(question.text, locale);
  return { text: how === '' ? text : `${text}\n${how}`, ...(keyboard ? { keyboard } : {}) };
}

function keyboardOf(question: Question, locale: string, code: string): AnswerKeyboard | undefined {
  const options = optionsOf(question, locale);
  if (options.length === 0 && !question.optional) return undefined;
  const width = widthOf(question);
  const buttons = options.map(({ value, label, numbered }) => ({
    label: question.type !== 'yesno' && label !== numbered ? `${numbered} – ${label}` : label,
    reply: buttonReply(code, question.key, formValue(value)),
    width,
  }));
  const skip = {
    label: wordsIn(locale).skip,
    reply: buttonReply(code, question.key, SKIP),
    width: 6 as const,
  };
  return { buttons: question.optional ? [...buttons, skip] : buttons };
}

/** A row is six columns: eleven marks in two rows, words one to a row, yes and no side by side. */
function widthOf(question: Question): 1 | 2 | 3 | 6 {
  if (question.type === 'nps') return 1;
  if (question.type === 'yesno') return 3;
  return question.type === 'scale' && question.max - question.min > 5 ? 1 : 6;
}

function howToPress(question: Question, locale: string): string {
  const words = wordsIn(locale);
  if (question.type === 'nps') return `0 – ${words.unlikely}, 10 – ${words.likely}.`;
  if (question.type === 'text') return words.writeOrSkip;
  return question.type === 'multi' ? words.pressOrList : '';
}

function howToWrite(question: Question, locale: string): string {
  const words = wordsIn(locale);
  const skip = question.optional ? ` ${words.skipBy}` : '';
  return `${instruction(question, locale)}${skip}`.trim();
}

function instruction(question: Question, locale: string): string {
  const words = wordsIn(locale);
  const options = optionsOf(question, locale);
  switch (question.type) {
    case 'scale':
    case 'nps': {
      const [first, last] = [options[0], options.at(-1)];
      const end = (option: typeof first): string =>
        option && option.label !== option.numbered ? ` (${option.label})` : '';
      return words.number(`${first?.numbered}${end(first)}`, `${last?.numbered}${end(last)}`);
    }
    case 'yesno':
      return words.yesOrNo;
    case 'choice':
      return `${list(options)}\n${words.oneNumber}`;
    case 'multi':
      return `${list(options)}\n${words.manyNumbers}`;
    case 'text':
      return question.optional ? '' : words.write;
  }
}

function list(options: readonly { label: string; numbered: string }[]): string {
  return options.map(({ numbered, label }) => `${numbered} – ${label}`).join('\n');
}
