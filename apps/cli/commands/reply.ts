import type { Command } from 'commander';
import { AppError } from '#kernel/errors';
import { definitionPublished } from '#planning/pack/definition.sql';
import { understand } from '#replies/understand';
import { surveySchema, type Question } from '#surveys/survey';
import { json, line, withProcess, type Context } from '../context.js';

interface Options {
  readonly survey?: string;
  readonly question?: string;
  readonly json?: boolean;
}

export function addReply(program: Command, context: Context): void {
  program
    .command('reply')
    .argument('<text>', 'what a person wrote back')
    .description('how an inbound text is understood')
    .option('--survey <key>', 'the published survey whose question was asked')
    .option('--question <key>', 'which of its questions; the first when left out')
    .option(
      '--locale <locale>',
      'language of the conversation; words of every language are understood in any',
      'uk',
    )
    .option('--json', 'for machines')
    .addHelpText('after', '\nExample:\n  vidhuk reply "п\'ять, дякую"')
    .action(async (text: string, options: Options) => {
      const question =
        options.survey === undefined ? undefined : await askedIn(context, options.survey, options.question);
      const understood = understand(text, question ? { question } : {});
      if (options.json) return json(context, understood);
      const value = 'value' in understood ? `: ${String(understood.value)}` : '';
      const comment =
        'comment' in understood && understood.comment !== undefined ? ` «${understood.comment}»` : '';
      line(context, `${understood.kind}${value}${comment}`);
    });
}

async function askedIn(
  context: Context,
  surveyKey: string,
  questionKey: string | undefined,
): Promise<Question> {
  const published = await withProcess(context, ({ database }) => definitionPublished(database, 'survey'));
  const known = published.map(({ key }) => key);
  const content = published.find(({ key }) => key === surveyKey)?.content;
  if (content === undefined) {
    throw new AppError(
      'survey_unknown',
      `No published survey "${surveyKey}"; there are: ${known.join(', ') || 'none'}.`,
    );
  }
  const { questions } = surveySchema.parse(content);
  const question =
    questionKey === undefined ? questions[0] : questions.find(({ key }) => key === questionKey);
  if (question) return question;
  const keys = questions.map(({ key }) => key).join(', ');
  throw new AppError(
    'question_unknown',
    `The survey "${surveyKey}" has no question "${questionKey}": ${keys}.`,
  );
}
