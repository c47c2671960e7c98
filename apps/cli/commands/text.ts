import { InvalidArgumentError, type Command } from 'commander';
import { countParts } from '#rendering/parts';
import { aapor, RATES } from '#reporting/rates';
import { json, line, type Context } from '../context.js';

/** The commands that need no database: what a text costs, and what rates given counts make. */
export function addText(program: Command, context: Context): void {
  program
    .command('text')
    .argument('<text>', 'what you would send')
    .description('encoding, parts and the characters that make a text costly')
    .option('--json', 'for machines')
    .addHelpText('after', '\nExample:\n  vidhuk text "Оцініть послугу: https://v.example/7Qk2mZ9a"')
    .action((text: string, options: { json?: boolean }) => {
      const count = countParts(text);
      if (options.json) return json(context, count);
      line(
        context,
        `${count.encoding}, ${count.units} units, ${count.parts} ${count.parts === 1 ? 'part' : 'parts'}`,
      );
      if (count.costly.length > 0) line(context, `outside GSM-7: ${count.costly.join(' ')}`);
    });
  addAapor(program, context);
}

type Letter = 'I' | 'P' | 'R' | 'NC' | 'O' | 'UH' | 'UO' | 'NE';
const LETTERS: Readonly<Record<Letter, string>> = {
  I: 'complete',
  P: 'partial',
  R: 'refusal and break-off',
  NC: 'non-contact',
  O: 'other eligible',
  UH: 'unknown whether eligible, nothing known',
  UO: 'unknown whether eligible, other',
  NE: 'known not to be eligible',
};

function addAapor(program: Command, context: Context): void {
  const command = program
    .command('aapor')
    .description("the sixteen outcome rates of AAPOR's Standard Definitions for given counts")
    .option('--json', 'for machines')
    .option('--e <share>', 'assumed eligible share of the unknown; without it E/(E+NE)', number)
    .addHelpText(
      'after',
      '\nExample:\n  vidhuk aapor --i 5 --p 3 --r 2 --nc 1 --o 2 --uh 1 --uo 1 --ne 1 --e 0.5',
    );
  for (const [letter, meaning] of Object.entries(LETTERS)) {
    command.requiredOption(`--${letter.toLowerCase()} <n>`, meaning, number);
  }
  command.action((options: Record<string, number> & { json?: boolean }) => {
    const counts = Object.fromEntries(
      Object.keys(LETTERS).map((letter) => [letter, options[letter.toLowerCase()]]),
    );
    const result = aapor(counts, options['e']);
    if (options.json) return json(context, result);
    line(context, `e     ${shown(result.e)}`);
    for (const name of RATES) line(context, `${name.padEnd(5)} ${shown(result[name])}`);
  });
}

function shown(value: number | null): string {
  return value === null ? 'not defined' : value.toFixed(4);
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('must be a number.');
  return value;
}
