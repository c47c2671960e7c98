import Handlebars from 'handlebars';
import { fittingFields, type MessageFields } from './fields.js';

type AST = hbs.AST.Program;

/** Where a template is wrong; lines and columns count from 1. */
export interface TemplateProblem {
  readonly line: number;
  readonly column: number;
  readonly problem: string;
}

/** An environment of our own with two helpers: what a template cannot name it cannot run. */
const environment = Handlebars.create();
for (const name of Object.keys(environment.helpers)) {
  if (name !== 'if' && name !== 'unless') environment.unregisterHelper(name);
}
export const SAFE_BLOCKS: readonly string[] = ['if', 'unless'];

const CACHE_LIMIT = 2_000;
const compiled = new Map<string, (fields: MessageFields) => string>();

/**
 * The text of one message. Nothing is escaped: SMS and Viber show text, not HTML. The source has passed
 * `lintMessage`; one that has not throws here, as does an unknown field.
 */
export function renderMessage(source: string, fields: MessageFields): string {
  let template = compiled.get(source);
  if (!template) {
    template = environment.compile<MessageFields>(source, {
      noEscape: true,
      strict: true,
      knownHelpersOnly: true,
    });
    if (compiled.size >= CACHE_LIMIT) compiled.clear();
    compiled.set(source, template);
  }
  return template(fittingFields(fields)).trim();
}

/** The syntax tree, or where and how the source is broken. */
export function parseTemplate(source: string): { tree: AST } | { broken: TemplateProblem } {
  try {
    return { tree: environment.parse(source) };
  } catch (thrown) {
    return { broken: located(thrown) };
  }
}

// Not in the published types: the generated parser keeps the token it stumbled over.
interface Parser {
  readonly lexer: { readonly yylloc: { readonly first_line: number; readonly first_column: number } };
}

function located(thrown: unknown): TemplateProblem {
  const error = thrown as Error & { lineNumber?: number; column?: number };
  if (error.lineNumber !== undefined && error.column !== undefined) {
    return {
      line: error.lineNumber,
      column: error.column + 1,
      problem: error.message.replace(/ - \d+:\d+$/, ''),
    };
  }
  const { first_line, first_column } = (Handlebars as unknown as { Parser: Parser }).Parser.lexer.yylloc;
  return { line: first_line, column: first_column + 1, problem: plainly(error.message) };
}

/** The parser names tokens; a person who writes texts needs the braces. */
function plainly(message: string): string {
  const got = /got '([A-Z_]+)'/.exec(message)?.[1];
  if (got === 'EOF') return 'the text ends before the braces or an {{#if}} are closed';
  if (got === 'OPEN_ENDBLOCK') return 'closes a block that was not opened';
  if (got === 'CLOSE_UNESCAPED') return 'closes with three braces what two opened';
  return 'the braces are not balanced: write a field as {{link}}';
}
