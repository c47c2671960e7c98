import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '#config/project';
import { Views } from '#rendering/views';
import type { Message, PageWords } from './words.js';

export interface LanguageLink {
  readonly code: string;
  readonly name: string;
  readonly href: string;
  readonly current: boolean;
}

/** What stands around every page. */
export interface Frame {
  readonly locale: string;
  readonly words: PageWords;
  /** Centre and day of the visit; shown only to who opened the link. */
  readonly place: string | null;
  readonly languages: readonly LanguageLink[] | null;
  readonly links: readonly { readonly href: string; readonly text: string }[] | null;
}

export interface QuestionPage extends Frame {
  readonly question: { readonly key: string; readonly text: string; readonly optional: boolean };
  readonly action: string;
  readonly back: string | null;
  readonly step: string;
  /** One per question of the way; true for those behind and the present one. */
  readonly bars: readonly boolean[];
  readonly problem: string | null;
  /** Said once all that must be answered is: whoever leaves now loses nothing. */
  readonly saved: string | null;
  readonly button: string;
  readonly firstField: string;
  readonly describedBy: string | null;
  readonly isText: boolean;
  readonly text: string;
  readonly textLimit: number;
  readonly hint: string | null;
  readonly arrangement: 'words' | 'marks';
  readonly inputType: 'radio' | 'checkbox';
  readonly options: readonly OptionField[];
  readonly ends: { readonly low: string; readonly high: string } | null;
  readonly beacon: string | null;
}

export interface OptionField {
  readonly id: string;
  readonly value: string;
  readonly label: string;
  readonly mark: string | null;
  readonly checked: boolean;
}

export interface MessagePage extends Frame, Message {
  readonly tick: boolean;
  readonly action: { readonly href: string; readonly text: string } | null;
  readonly form: { readonly action: string; readonly text: string; readonly again: boolean } | null;
  readonly second: { readonly href: string; readonly text: string } | null;
  /** The same once more in another language, where we do not know the reader's. */
  readonly foreign: (Message & { readonly lang: string }) | null;
}

type Styled<T> = T & { readonly title: string; readonly style: string };
// A type and not an interface: only types fit an index signature.
type Models = { question: Styled<QuestionPage>; message: Styled<MessagePage> };

/** Every page of the gateway as HTML with its style in it: one request shows it. */
export class Pages {
  private readonly views: Views<Models>;
  private readonly style: string;
  /** Allows this style and nothing else: no script, no frame, nothing from elsewhere. */
  readonly policy: string;

  constructor(folder = join(projectRoot, 'templates', 'views', 'survey')) {
    this.views = new Views(folder);
    this.style = compact(readFileSync(join(folder, 'survey.css'), 'utf8'));
    const hash = createHash('sha256').update(this.style).digest('base64');
    this.policy =
      `default-src 'none'; style-src 'sha256-${hash}'; img-src 'self' data:; form-action 'self'; ` +
      "base-uri 'none'; frame-ancestors 'none'";
  }

  question(page: QuestionPage): string {
    const { words, problem, question } = page;
    const title = problem === null ? question.text : `${words.error} ${question.text}`;
    return this.views.render('question', { ...page, title, style: this.style });
  }

  message(page: Frame & Message & Partial<MessagePage>): string {
    const nothing = { tick: false, action: null, form: null, second: null, foreign: null };
    return this.views.render('message', { ...nothing, ...page, title: page.heading, style: this.style });
  }
}

function compact(css: string): string {
  return css
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,>]) ?/g, '$1')
    .replace(/: /g, ':')
    .replace(/;}/g, '}')
    .trim();
}
