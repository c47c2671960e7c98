import { AppError } from '#kernel/errors';
import type { Queryable } from '#store/database';
import { surveySchema, type Survey } from '#surveys/survey';

const LIMIT = 500;

/** Surveys by definition id. A stored revision never changes, so each is read and parsed once a process. */
export class SurveyShelf {
  private readonly known = new Map<string, Survey>();

  async get(db: Queryable, definitionId: string): Promise<Survey> {
    const known = this.known.get(definitionId);
    if (known) return known;
    const { rows } = await db.query<{ content: unknown }>(
      `select content from definition where id = $1 and kind = 'survey'`,
      [definitionId],
    );
    const parsed = surveySchema.safeParse(rows[0]?.content);
    if (!parsed.success) {
      throw new AppError('survey_unreadable', `The stored survey ${definitionId} is missing or not valid.`, {
        status: 500,
        exitCode: 1,
      });
    }
    if (this.known.size >= LIMIT) this.known.clear();
    this.known.set(definitionId, parsed.data);
    return parsed.data;
  }
}
