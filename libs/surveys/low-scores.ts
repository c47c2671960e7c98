import { applicable, type VisitFacts } from './path.js';
import type { Answers, Question, Survey } from './survey.js';

export interface LowScore {
  readonly question: Question;
  readonly value: number;
}

/** The marks at or under the `alertAtMost` of their question, on this person's way. */
export function lowScores(survey: Survey, answers: Answers, visit: VisitFacts): LowScore[] {
  return applicable(survey, answers, visit).flatMap((question) => {
    if (question.type !== 'scale' && question.type !== 'nps') return [];
    const value = answers[question.key];
    const { alertAtMost } = question;
    return typeof value === 'number' && alertAtMost !== undefined && value <= alertAtMost
      ? [{ question, value }]
      : [];
  });
}
