import type { Principal } from './principal.js';

type Scoped = Pick<Principal, 'centres'>;

/**
 * The centres a list or report is narrowed to: what was asked for, within what the person sees; undefined when neither
 * limits it. A foreign centre is left out as one that does not exist would be, so the answer does not tell them apart.
 */
export function centresWithin(
  asked: readonly string[] | undefined,
  { centres }: Scoped,
): readonly string[] | undefined {
  if (centres === null) return asked;
  return asked === undefined ? centres : asked.filter((code) => centres.includes(code));
}

/** Whether the person sees what belongs to this centre; what belongs to none only those see who see all. */
export function seesCentre(code: string | null, { centres }: Scoped): boolean {
  return centres === null || (code !== null && centres.includes(code));
}

/** A report's question that asks for no more centres than the person sees. */
export function narrowed<Q extends { readonly filter: { readonly centre?: readonly string[] } }>(
  question: Q,
  scope: Scoped,
): Q {
  const centre = centresWithin(question.filter.centre, scope);
  return centre === undefined ? question : { ...question, filter: { ...question.filter, centre } };
}
