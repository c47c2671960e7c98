import type { Logger } from '#config/logger';
import type { ViberConfig } from '#config/environment';
import type { Clock } from '#kernel/clock';
import { SURVEY_CODE } from '#kernel/ids';
import { reasonOf } from '#kernel/errors';
import type { AnswerBook, OpenSurvey, SaveResult } from '#replies/answer-book';
import type { OptOutDesk } from '#replies/opt-out-desk';
import { isPassing } from '#store/database';
import { answerFromForm, checkAnswer } from '#surveys/answer-check';
import { applicable } from '#surveys/path';
import type { AnswerValue, Question } from '#surveys/survey';
import type { Form } from '../http/form.js';
import type { PageBody } from '../http/stencil.js';
import type { GatewayMetrics } from '../metrics.js';
import {
  address,
  frameOf,
  localesFor,
  questionPage,
  TEXT_LIMIT,
  type FieldProblem,
  type Site,
} from './question-page.js';
import type { Pages } from './pages.js';
import { QuestionStencils } from './question-stencils.js';
import { pageWords } from './words.js';

export interface DeskParts {
  readonly book: AnswerBook;
  readonly optOuts: OptOutDesk;
  readonly pages: Pages;
  readonly clock: Clock;
  readonly metrics: GatewayMetrics;
  readonly log: Logger;
  readonly viber: ViberConfig | undefined;
  /** Path of the public address, without a slash at its end. */
  readonly base: string;
}

/** What to send: a page, or another address to go to. */
export type Answer =
  { readonly status: number; readonly html: string | PageBody } | { readonly seeOther: string };

export interface Asked {
  readonly code: string;
  readonly lang: string | undefined;
}

/** What every survey page shows and does; the controllers only carry it in and out. Undefined: no such code. */
export class SurveyDesk {
  private readonly stencils: QuestionStencils;
  private readonly site: Site;

  constructor(private readonly parts: DeskParts) {
    this.stencils = new QuestionStencils(parts.pages);
    this.site = { base: parts.base, viber: parts.viber !== undefined };
  }

  /** The survey where it stands, or the question asked for when it lies on the person's way. Changes nothing. */
  async show(asked: Asked & { q: string | undefined }): Promise<Answer | undefined> {
    const open = await this.open(asked.code);
    if (!open) return undefined;
    const locale = localeOf(open, asked.lang);
    const over = this.overPage(open, locale);
    if (over) return over;
    const question = await this.questionFor(open, asked.q);
    if (!question) return this.message(open, locale, 'done', { tick: true });
    const given = await this.givenTo(open, question);
    this.parts.metrics.pages.inc({ page: 'question' });
    const { pages } = this.parts;
    const shown = { open, question, locale, given, problem: undefined, site: this.site };
    return {
      status: 200,
      html: given === undefined ? this.stencils.page(shown) : pages.question(questionPage(shown)),
    };
  }

  /** One step of the form. Sent twice it answers the same question with the same answer. */
  async answer(asked: Asked & { byProgram: boolean }, form: Form): Promise<Answer | undefined> {
    const open = await this.open(asked.code);
    if (!open) return undefined;
    const locale = localeOf(open, asked.lang);
    const question = open.survey.questions.find(({ key }) => key === form.one('q'));
    if (!open.next || !question) return { seeOther: this.address(open, locale) };
    const value = form.one('skip') === undefined ? answerFromForm(question, form.all('a')) : null;
    const problem = problemOf(question, value);
    if (problem) return this.again(open, question, locale, value, problem);
    const saved = await this.save(open, question, value, asked.byProgram);
    if (!saved) return this.again(open, question, locale, value, 'not_saved');
    this.parts.metrics.answers.inc({ outcome: saved.outcome });
    if (saved.outcome === 'saved' && saved.late) return this.message(open, locale, 'late', { tick: true });
    return { seeOther: this.address(open, locale) };
  }

  /** Undefined when it could not be stored now: what was given is shown again, to be sent once more. */
  private async save(
    { invitation }: OpenSurvey,
    { key: questionKey }: Question,
    value: unknown,
    byProgram: boolean,
  ): Promise<SaveResult | undefined> {
    const { book, clock, log } = this.parts;
    const how = { via: 'page', at: clock.now(), byProgram } as const;
    try {
      return await book.save(invitation.id, [{ questionKey, value }], how);
    } catch (thrown) {
      if (!isPassing(thrown)) throw thrown;
      log.error({ event: 'answer_not_saved', reason: reasonOf(thrown) });
      return undefined;
    }
  }

  async markOpened(code: string): Promise<void> {
    if (SURVEY_CODE.test(code)) await this.parts.book.markOpened(code, this.parts.clock.now());
  }

  /** The page that asks whether to stop, or that says that it is done. */
  async showStop(asked: Asked): Promise<Answer | undefined> {
    const open = await this.open(asked.code);
    if (!open) return undefined;
    const locale = localeOf(open, asked.lang);
    const isStopped = await this.parts.optOuts.isStopped(open.invitation);
    const words = pageWords(locale)[isStopped ? 'stopped' : 'stop'];
    return this.message(open, locale, isStopped ? 'stopped' : 'stop', {
      tick: isStopped,
      path: '/stop',
      form: { action: this.address(open, locale, '/stop'), text: words.button, again: isStopped },
      second: this.isOver(open)
        ? null
        : { href: this.address(open, locale), text: pageWords(locale).toSurvey },
    });
  }

  async stop(asked: Asked, form: Form): Promise<Answer | undefined> {
    const open = await this.open(asked.code);
    if (!open) return undefined;
    const { optOuts, clock } = this.parts;
    if (form.one('again') === undefined) await optOuts.stop(open.invitation, clock.now());
    else await optOuts.resume(open.invitation, clock.now());
    return { seeOther: this.address(open, localeOf(open, asked.lang), '/stop') };
  }

  /**
   * The way into the chat. Some browsers do not know viber: addresses and some devices have no Viber, so the page
   * stays and offers the survey itself. https://developers.viber.com/docs/tools/deep-links/
   */
  async showViber(asked: Asked): Promise<Answer | undefined> {
    const open = await this.open(asked.code);
    if (!open) return undefined;
    const locale = localeOf(open, asked.lang);
    const { viber } = this.parts;
    if (!viber || this.isOver(open)) return { seeOther: this.address(open, locale) };
    const words = pageWords(locale).viber;
    const link = `viber://pa?chatURI=${encodeURIComponent(viber.chatUri)}&context=${open.invitation.code}`;
    return this.message(open, locale, 'viber', {
      path: '/viber',
      action: { href: link, text: words.button },
      second: { href: this.address(open, locale), text: words.here },
    });
  }

  private async open(code: string): Promise<OpenSurvey | undefined> {
    return SURVEY_CODE.test(code) ? this.parts.book.open(code) : undefined;
  }

  private address(open: OpenSurvey, locale: string, path = ''): string {
    return address({ open, locale, site: this.site }, path);
  }

  private isOver({ invitation, next }: OpenSurvey): boolean {
    return !next || invitation.expiresAt <= this.parts.clock.now();
  }

  private overPage(open: OpenSurvey, locale: string): Answer | undefined {
    const isAnswered = open.invitation.completedAt !== null;
    if (this.isOver(open) && isAnswered) return this.message(open, locale, 'done', { tick: true });
    return this.isOver(open) ? this.message(open, locale, 'expired', { status: 410 }) : undefined;
  }

  private async questionFor(open: OpenSurvey, q: string | undefined): Promise<Question | undefined> {
    const way = applicable(open.survey, open.answers, open.invitation.visit);
    const wanted = way.find(({ key }) => key === q);
    // Only back, never ahead: a later question is shown once those before it are answered.
    return wanted && (wanted.key in open.answers || wanted.key === open.next?.key) ? wanted : open.next;
  }

  private async givenTo(open: OpenSurvey, question: Question): Promise<AnswerValue | undefined> {
    const value = open.answers[question.key];
    if (question.type !== 'text' || value === undefined || value === null) return value;
    return this.parts.book.textOf(open.invitation.id, question.key);
  }

  private again(
    open: OpenSurvey,
    question: Question,
    locale: string,
    value: unknown,
    problem: FieldProblem,
  ): Answer {
    const isFault = problem === 'not_saved';
    const given = isFault || typeof value === 'string' ? (value as AnswerValue | undefined) : undefined;
    this.parts.metrics.answers.inc({ outcome: isFault ? 'not_saved' : 'invalid' });
    return {
      status: isFault ? 503 : 422,
      html: this.parts.pages.question(
        questionPage({ open, question, locale, given, problem, site: this.site }),
      ),
    };
  }

  private message(
    open: OpenSurvey,
    locale: string,
    kind: 'done' | 'expired' | 'late' | 'stop' | 'stopped' | 'viber',
    extra: { status?: number; path?: string } & Partial<Parameters<Pages['message']>[0]>,
  ): Answer {
    const { status = 200, path, ...page } = extra;
    this.parts.metrics.pages.inc({ page: kind });
    const frame = frameOf({ open, locale, site: this.site }, undefined, path);
    const isStopPage = kind === 'stop' || kind === 'stopped';
    const links = isStopPage ? null : frame.links;
    return {
      status,
      html: this.parts.pages.message({ ...frame, ...pageWords(locale)[kind], links, ...page }),
    };
  }
}

/** The language switched to, the one of the invitation, or Ukrainian; only one that the survey speaks. */
function localeOf(open: OpenSurvey, lang: string | undefined): string {
  const known = localesFor(open);
  return (
    [lang, open.invitation.locale].find((locale) => locale !== undefined && known.includes(locale)) ?? 'uk'
  );
}

function problemOf(question: Question, value: unknown): FieldProblem | undefined {
  if (typeof value === 'string' && question.type === 'text' && [...value.trim()].length > TEXT_LIMIT) {
    return 'too_long';
  }
  const checked = checkAnswer(question, value);
  // A value that no field of ours sends is treated as none.
  return checked.ok ? undefined : checked.problem === 'too_long' ? 'too_long' : 'missing';
}
