import type { Chance } from '../chance.js';
import type { Browser, Page } from './browser.js';
import { fillForm, questionOf, surveyForm } from './fill-form.js';
import { formsIn } from './html-forms.js';
import type { Mood } from './intention.js';

export type WebOutcome = 'more' | 'completed' | 'broke_off' | 'refused' | { readonly failed: string };

const MOST_STEPS = 30;

/**
 * One person in front of the survey page: each step reads the page as it is, answers what it asks and goes where it
 * leads, until nothing more is asked.
 */
export class WebVisit {
  private page: Page | undefined;
  /** Answers that the page took. */
  taken = 0;
  private answered = 0;
  private asked = new Set<string>();

  constructor(
    private readonly chance: Chance,
    private readonly browser: Browser,
    private readonly mood: Mood,
    private readonly person: string,
  ) {}

  /** Opens the link. */
  async open(url: string): Promise<WebOutcome> {
    this.page = await this.browser.open(url);
    await this.browser.loadImages(this.page);
    if (this.page.status === 410 || this.page.status === 404) return 'refused';
    if (this.page.status >= 400) return { failed: `GET answered ${this.page.status}` };
    return surveyForm(formsIn(this.page.html)) ? 'more' : 'refused';
  }

  /** Answers the question in view. */
  async step(): Promise<WebOutcome> {
    const form = this.page && surveyForm(formsIn(this.page.html));
    if (!this.page || !form) return { failed: 'no question in view' };
    if (this.mood.leavesAfter !== undefined && this.answered >= this.mood.leavesAfter) return 'broke_off';
    const question = questionOf(form);
    const cameBack = this.page.status >= 400 || this.asked.has(question);
    if (cameBack && this.asked.has(`again ${question}`))
      return { failed: `the page keeps asking: ${question.slice(0, 80)}` };
    this.asked.add(cameBack ? `again ${question}` : question);
    const filled = fillForm(this.chance, this.mood, form, this.person, cameBack);
    this.page = await this.browser.submit(filled.action, filled.fields);
    this.answered++;
    if (this.page.status < 400) this.taken++;
    if (this.page.status >= 500) return { failed: `POST answered ${this.page.status}` };
    if (this.answered >= MOST_STEPS) return { failed: `more than ${MOST_STEPS} steps` };
    if (surveyForm(formsIn(this.page.html))) return 'more';
    return this.page.status < 400 ? 'completed' : { failed: `POST answered ${this.page.status}` };
  }
}

/** Presses the one button of the page that asks not to write any more. */
export async function refuseOnPage(browser: Browser, url: string): Promise<boolean> {
  const page = await browser.open(`${url}/stop`);
  const form = formsIn(page.html).find(({ method, buttons }) => method === 'post' && buttons.length > 0);
  if (page.status >= 400 || !form) return false;
  const button = form.buttons[0];
  const fields = form.fields
    .filter(({ kind }) => kind === 'hidden')
    .map(({ name, value }) => [name, value] as const);
  const pressed = button && button.name !== '' ? [...fields, [button.name, button.value] as const] : fields;
  return (await browser.submit(button?.formAction ?? form.action, pressed)).status < 400;
}

/** The context of the deep link that the hand-over page leads to; undefined when there is no way into Viber. */
export async function viberContext(browser: Browser, url: string): Promise<string | undefined> {
  const page = await browser.open(`${url}/viber`);
  const link = page.handedTo ?? /viber:\/\/pa\?[^"'<>\s]+/.exec(page.html)?.[0]?.replaceAll('&amp;', '&');
  if (page.status >= 400 || link === undefined || !URL.canParse(link)) return undefined;
  return new URL(link).searchParams.get('context') ?? undefined;
}
