import type { OpenSurvey } from '#replies/answer-book';
import { formValue } from '#surveys/answer-check';
import { optionsOf } from '#surveys/options';
import { applicable, progress } from '#surveys/path';
import { wordsIn } from '#surveys/wording';
import { localesOf, textIn, type AnswerValue, type Question, type Survey } from '#surveys/survey';
import type { Frame, LanguageLink, OptionField, QuestionPage } from './pages.js';
import { PAGE_WORDS, pageWords } from './words.js';

/** As GOV.UK's open box. */
export const TEXT_LIMIT = 1200;

/** `not_saved`: the fault is ours, and what was given is right. */
export type FieldProblem = 'missing' | 'too_long' | 'not_saved';

/** A page of an invitation in a language. */
export interface Spot {
  readonly open: OpenSurvey;
  readonly locale: string;
  readonly site: Site;
}

export interface Shown extends Spot {
  readonly question: Question;
  /** What the person has given already, or just now and wrongly; undefined: nothing. */
  readonly given: AnswerValue | undefined;
  readonly problem: FieldProblem | undefined;
}

/** What every page of this gateway knows of the gateway itself. */
export interface Site {
  /** Path of the public address (`/vidhuk`), which every address on a page begins with; usually empty. */
  readonly base: string;
  /** Whether a survey may be answered in a Viber chat too. */
  readonly viber: boolean;
}

/** The page of one question. Nothing is chosen unless the person chose it before. */
export function questionPage(shown: Shown): QuestionPage {
  const { open, question, locale, given, site } = shown;
  const words = pageWords(locale);
  const { step, atMost } = progress(open.survey, open.answers, open.invitation.visit, question);
  const options = optionFields(shown);
  const isText = question.type === 'text';
  const hint = question.type === 'multi' ? words.several : null;
  const isSaved = open.invitation.completedAt !== null;
  const problem = shown.problem === undefined ? null : problemText(question, shown.problem, locale);
  const hasHint = hint !== null || (isText && question.optional === true);
  const notes = [
    isSaved && 'saved',
    hasHint && 'hint',
    question.type === 'nps' && 'ends',
    problem !== null && 'wrong',
  ];
  const describedBy = notes.filter(Boolean).join(' ');
  return {
    ...frameOf(shown, question.key),
    links: linksOf(shown, site.viber),
    saved: isSaved ? words.saved : null,
    button: step === atMost ? words.finish : words.next,
    question: {
      key: question.key,
      text: textIn(question.text, locale),
      optional: question.optional === true,
    },
    action: address(shown),
    back: backOf(shown),
    step: words.step(step, atMost),
    bars: Array.from({ length: atMost }, (_, i) => i < step),
    problem,
    firstField: options[0]?.id ?? 'a',
    describedBy: describedBy === '' ? null : describedBy,
    isText,
    text: isText && typeof given === 'string' ? given : '',
    textLimit: TEXT_LIMIT,
    hint,
    arrangement: isMarks(question) ? 'marks' : 'words',
    inputType: question.type === 'multi' ? 'checkbox' : 'radio',
    options,
    ends: question.type === 'nps' ? endsIn(locale) : null,
    beacon: open.invitation.startedAt === null ? `${site.base}/${open.invitation.code}/opened` : null,
  };
}

function endsIn(locale: string): { low: string; high: string } {
  const { unlikely, likely } = wordsIn(locale);
  return { low: `0 – ${unlikely}`, high: `10 – ${likely}` };
}

/** What stands around any page of an invitation. `q`: keeps the question when the language is switched. */
export function frameOf(spot: Spot, q?: string, path = ''): Frame {
  const { open, locale, site } = spot;
  const { invitation } = open;
  const words = pageWords(locale);
  const languages = localesFor(open).map((code): LanguageLink => {
    const query = new URLSearchParams({ ...(q === undefined ? {} : { q }), lang: code });
    return {
      code,
      name: pageWords(code).languageName,
      href: `${site.base}/${invitation.code}${path}?${query.toString()}`,
      current: code === locale,
    };
  });
  return {
    locale,
    words,
    place: placeOf(open, locale),
    languages: languages.length > 1 ? languages : null,
    links: linksOf(spot, false),
  };
}

function linksOf(spot: Spot, viber: boolean): NonNullable<Frame['links']> {
  const words = pageWords(spot.locale);
  const stop = { href: address(spot, '/stop'), text: words.stopLink };
  return viber ? [{ href: address(spot, '/viber'), text: words.viber.heading }, stop] : [stop];
}

const spoken = new WeakMap<Survey, readonly string[]>();

/** Languages that both the survey and the page speak. */
export function localesFor({ survey }: OpenSurvey): readonly string[] {
  let locales = spoken.get(survey);
  if (!locales) {
    locales = localesOf(survey).filter((locale) => Object.hasOwn(PAGE_WORDS, locale));
    spoken.set(survey, locales);
  }
  return locales;
}

/** The address of a page of the invitation, in the language that was switched to. */
export function address({ open, locale, site }: Spot, path = '', query: Record<string, string> = {}): string {
  const { code, locale: own } = open.invitation;
  const search = new URLSearchParams({ ...query, ...(locale === own ? {} : { lang: locale }) }).toString();
  return `${site.base}/${code}${path}${search === '' ? '' : `?${search}`}`;
}

/** Centre and day of the visit, to recognise it by. */
export function placeOf({ invitation }: OpenSurvey, locale: string): string {
  const { centreName, finishedOn } = invitation.visit;
  return pageWords(locale).visit(centreName, dayIn(locale, finishedOn));
}

/** All that the page of an unanswered question depends on, beside survey, code and place. */
export function wayKey({ open, question, locale }: Shown): string {
  const { step, atMost } = progress(open.survey, open.answers, open.invitation.visit, question);
  const back = stepBefore(open, question)?.key ?? '';
  const { locale: own, startedAt, completedAt } = open.invitation;
  return [question.key, locale, own, step, atMost, back, startedAt === null, completedAt === null].join(' ');
}

function stepBefore(open: OpenSurvey, question: Question): Question | undefined {
  const way = applicable(open.survey, open.answers, open.invitation.visit);
  return way[way.findIndex(({ key }) => key === question.key) - 1];
}

function backOf(shown: Shown): string | null {
  const before = stepBefore(shown.open, shown.question);
  return before ? address(shown, '', { q: before.key }) : null;
}

function optionFields({ question, locale, given }: Shown): OptionField[] {
  const chosen = new Set<unknown>(Array.isArray(given) ? given : [given]);
  return optionsOf(question, locale).map(({ value, label, numbered }, i) => ({
    id: `a${i + 1}`,
    value: formValue(value),
    label,
    mark: question.type === 'scale' && label !== numbered ? numbered : null,
    checked: chosen.has(value),
  }));
}

/** Bare numbers stand in a row, words under each other. */
function isMarks(question: Question): boolean {
  return (
    question.type === 'nps' ||
    (question.type === 'scale' && optionsOf(question, 'uk').every((o) => o.label === o.numbered))
  );
}

function problemText(question: Question, problem: FieldProblem, locale: string): string {
  const words = pageWords(locale);
  if (problem === 'not_saved') return words.notSaved;
  if (problem === 'too_long') return words.tooLong;
  if (question.type === 'text') return words.writeSomething;
  return question.type === 'multi' ? words.chooseSome : words.chooseOne;
}

const days = new Map<string, string>();
const DAYS_AT_MOST = 1_000;

/** Formatting a date costs more than the rest of the page, and the days of visits are few. */
function dayIn(locale: string, day: string): string {
  const key = `${locale} ${day}`;
  let text = days.get(key);
  if (text === undefined) {
    const format = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', timeZone: 'UTC' });
    // The number stays with its month at the end of a line.
    text = format.format(new Date(`${day}T00:00:00Z`)).replace(' ', '\u00a0');
    if (days.size >= DAYS_AT_MOST) days.clear();
    days.set(key, text);
  }
  return text;
}
