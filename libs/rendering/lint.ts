import { FIELD_LIMITS, FIELD_NAMES, isFieldName, type FieldName, type MessageFields } from './fields.js';
import { countParts, type PartReport } from './parts.js';
import { parseTemplate, renderMessage, SAFE_BLOCKS, type TemplateProblem } from './template.js';

export type MessageRole = 'invite' | 'reminder' | 'thanks';

export interface LintRules {
  readonly role: MessageRole;
  readonly channel: 'sms' | 'viber';
  /** SMS parts allowed at the worst field values. */
  readonly maxParts?: number;
  /** Length of our links, where it is more than a link is counted with. */
  readonly linkLength?: number;
}

/** What an ordinary Ukrainian invitation with date, centre, link and a way to refuse takes. */
export const DEFAULT_MAX_PARTS = 3;
/** Viber Business Messages take 1,000 characters, bots 7,000; a text must pass either way. */
const MAX_VIBER_LENGTH = 1_000;

/**
 * Everything wrong with a message text, in reading order; empty when it may be published. Lines and columns count
 * from 1; what concerns the whole text stands at 1:1.
 */
export function lintMessage(source: string, rules: LintRules): TemplateProblem[] {
  const parsed = parseTemplate(source);
  if ('broken' in parsed) return [parsed.broken];
  const problems = statementsOf(parsed.tree).flatMap(problemOf);
  if (problems.length > 0) return problems;
  const whole = (problem: string): TemplateProblem[] => [{ line: 1, column: 1, problem }];
  if (source.trim() === '') return whole('the text is empty');
  if (rules.role !== 'thanks' && !alwaysNames('link', parsed.tree)) {
    return whole(`{{link}} is missing: nobody can answer this ${rules.role} without it`);
  }
  return lengthProblems(worstCase(source, rules.linkLength), rules).flatMap(whole);
}

function lengthProblems(worst: WorstCase, rules: LintRules): string[] {
  const { text, parts, encoding, costly } = worst;
  if (rules.channel === 'viber') {
    if (text.length <= MAX_VIBER_LENGTH) return [];
    return [`takes up to ${text.length} characters; Viber allows ${MAX_VIBER_LENGTH}`];
  }
  const allowed = rules.maxParts ?? DEFAULT_MAX_PARTS;
  if (parts <= allowed) return [];
  const why = encoding === 'UCS-2' ? ` in UCS-2 (because of ${costly.slice(0, 3).join(' ')})` : '';
  return [`takes up to ${parts} SMS parts${why} with the longest field values; ${allowed} are allowed`];
}

export interface WorstCase extends PartReport {
  /** The text with every field at its longest. */
  readonly text: string;
}

/**
 * The text at its longest: each field at its limit and in Cyrillic, since a name in an English text is Ukrainian
 * too, and of all ways through {{#if}} the costliest. Throws when the source does not parse.
 */
export function worstCase(source: string, linkLength: number = FIELD_LIMITS.link): WorstCase {
  const parsed = parseTemplate(source);
  if ('broken' in parsed) throw new Error(parsed.broken.problem);
  const conditions = [
    ...new Set(
      statementsOf(parsed.tree)
        .filter(isBlock)
        .flatMap((block) => block.params.map(fieldOf).filter((name) => name !== undefined)),
    ),
  ];
  let worst: WorstCase | undefined;
  // Each condition may hold or not; there are at most six fields, so at most 64 ways.
  for (let way = 0; way < 1 << conditions.length; way++) {
    const empty = new Set(conditions.filter((_, i) => way & (1 << i)));
    const text = renderMessage(source, longestFields(empty, linkLength));
    const count = { text, ...countParts(text) };
    const costlier =
      !worst || count.parts > worst.parts || (count.parts === worst.parts && count.units > worst.units);
    if (costlier) worst = count;
  }
  return worst as WorstCase;
}

function longestFields(empty: ReadonlySet<FieldName>, linkLength: number): MessageFields {
  const longest = (name: FieldName): string => {
    if (name === 'link') return `https://${'x'.repeat(linkLength - 8)}`;
    return empty.has(name) ? '' : 'Щ'.repeat(FIELD_LIMITS[name]);
  };
  return Object.fromEntries(FIELD_NAMES.map((name) => [name, longest(name)])) as unknown as MessageFields;
}

function problemOf(statement: hbs.AST.Statement): TemplateProblem[] {
  const at = (node: hbs.AST.Node, problem: string): TemplateProblem[] => [
    { line: node.loc.start.line, column: node.loc.start.column + 1, problem },
  ];
  if (statement.type === 'ContentStatement' || statement.type === 'CommentStatement') return [];
  if (isMustache(statement)) {
    if (statement.params.length > 0 || statement.hash) {
      return at(statement, 'a field takes no arguments: write {{link}}');
    }
    return fieldOf(statement.path) === undefined ? at(statement, unknownField(statement.path)) : [];
  }
  if (!isBlock(statement)) return at(statement, 'only fields, {{#if}} and {{#unless}} may be used');
  if (!SAFE_BLOCKS.includes(statement.path.original)) {
    return at(statement, `{{#${statement.path.original}}} may not be used, only {{#if}} and {{#unless}}`);
  }
  const [subject, ...rest] = statement.params;
  if (!subject || rest.length > 0 || statement.hash) {
    return at(statement, `{{#${statement.path.original}}} takes one field`);
  }
  return fieldOf(subject) === undefined ? at(subject, unknownField(subject)) : [];
}

function unknownField(node: hbs.AST.Expression): string {
  const name = 'original' in node ? String(node.original) : '?';
  return `unknown field "${name}"; the fields are ${FIELD_NAMES.join(', ')}`;
}

/** The field a plain path names; nothing for `this.link`, `../link`, `@root.link` and literals. */
function fieldOf(node: hbs.AST.Expression): FieldName | undefined {
  if (node.type !== 'PathExpression') return undefined;
  const { original } = node as hbs.AST.PathExpression;
  return isFieldName(original) ? original : undefined;
}

/** Every statement, those inside blocks included, in reading order. */
function statementsOf(tree: hbs.AST.Program): hbs.AST.Statement[] {
  return tree.body.flatMap((statement) => [statement, ...branchesOf(statement).flatMap(statementsOf)]);
}

function branchesOf(statement: hbs.AST.Statement): hbs.AST.Program[] {
  if (!isBlock(statement)) return [];
  // The parser leaves `inverse` out where there is no else, whatever the types say.
  return [statement.program, statement.inverse as hbs.AST.Program | undefined].filter((b) => b !== undefined);
}

/** Whether the field stands in the text whatever the conditions. */
function alwaysNames(field: FieldName, tree: hbs.AST.Program): boolean {
  return tree.body.some((statement) => {
    if (isMustache(statement)) return fieldOf(statement.path) === field;
    const branches = branchesOf(statement);
    return branches.length === 2 && branches.every((branch) => alwaysNames(field, branch));
  });
}

function isMustache(node: hbs.AST.Statement): node is hbs.AST.MustacheStatement {
  return node.type === 'MustacheStatement';
}

function isBlock(node: hbs.AST.Statement): node is hbs.AST.BlockStatement {
  return node.type === 'BlockStatement';
}
