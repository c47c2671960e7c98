import { escapeHtml } from '#rendering/views';
import { MARKS, Stencil, type PageBody } from '../http/stencil.js';
import type { Pages } from './pages.js';
import { placeOf, questionPage, wayKey, type Shown } from './question-page.js';

const LIMIT = 2_000;
const [CODE, PLACE] = MARKS;

/**
 * Pages of questions that the person has not answered yet, made once for each survey, question, language and stage of
 * the way: they differ from person to person in the code and the name of the place only.
 */
export class QuestionStencils {
  private readonly known = new Map<string, Stencil>();

  constructor(private readonly pages: Pages) {}

  /** `shown` has neither an earlier answer nor a problem. */
  page(shown: Shown): PageBody {
    const key = `${shown.open.invitation.surveyId} ${wayKey(shown)}`;
    const stencil = this.known.get(key) ?? this.make(key, shown);
    return stencil.fill([shown.open.invitation.code, escapeHtml(placeOf(shown.open, shown.locale))]);
  }

  private make(key: string, shown: Shown): Stencil {
    const { open } = shown;
    const marked = { ...open, invitation: { ...open.invitation, code: CODE } };
    const page = { ...questionPage({ ...shown, open: marked }), place: PLACE };
    const stencil = new Stencil(this.pages.question(page));
    if (this.known.size >= LIMIT) this.known.clear();
    this.known.set(key, stencil);
    return stencil;
  }
}
