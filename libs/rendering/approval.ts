import { sha256 } from '#kernel/ids';
import { parseTemplate, type TemplateProblem } from './template.js';

/** Viber Business Messages: at most so many places to fill in. https://developer.8x8.com/connect/docs/viber-message-templates */
const PLACES_AT_MOST = 5;
const LONGEST = 1_000;

/** By what an approved wording is known: the same words have the same hash, whichever revision carries them. */
export function wordingHash(source: string): Buffer {
  return sha256(source.trim());
}

/**
 * What would keep a carrier from approving this wording, by the published rules for Viber Business templates: it begins
 * and ends with fixed words, so a link must not stand last; no two fields follow each other; at most five fields; the same
 * words for everybody, so no conditions; at most 1,000 characters. Empty when it may be submitted.
 */
export function approvalProblems(source: string): TemplateProblem[] {
  const parsed = parseTemplate(source.trim());
  if ('broken' in parsed) return [parsed.broken];
  const body = parsed.tree.body.filter(({ type }) => type !== 'CommentStatement');
  const at = (node: hbs.AST.Node | undefined, problem: string): TemplateProblem => ({
    line: node?.loc.start.line ?? 1,
    column: (node?.loc.start.column ?? 0) + 1,
    problem,
  });
  const problems: TemplateProblem[] = [];
  const isField = (node: hbs.AST.Node | undefined): boolean => node?.type === 'MustacheStatement';
  if (isField(body[0])) problems.push(at(body[0], 'an approved text must begin with fixed words'));
  let places = 0;
  body.forEach((node, i) => {
    if (node.type === 'BlockStatement') problems.push(at(node, 'an approved text has no conditions'));
    if (!isField(node)) return;
    places++;
    if (places === PLACES_AT_MOST + 1) {
      problems.push(at(node, `an approved text has at most ${PLACES_AT_MOST} fields`));
    }
    if (i > 0 && (isField(body[i - 1]) || isBlank(body[i - 1], body[i - 2]))) {
      problems.push(at(node, 'between two fields of an approved text there must be fixed words'));
    }
  });
  const last = body.at(-1);
  if (body.length > 1 && isField(last)) {
    problems.push(at(last, 'an approved text must end with fixed words: put some after the last field'));
  }
  if (source.trim().length > LONGEST) problems.push(at(undefined, `is longer than ${LONGEST} characters`));
  return problems;
}

/** Nothing but space between two fields. */
function isBlank(node: hbs.AST.Node | undefined, before: hbs.AST.Node | undefined): boolean {
  if (node?.type !== 'ContentStatement' || before?.type !== 'MustacheStatement') return false;
  return (node as hbs.AST.ContentStatement).value.trim() === '';
}
