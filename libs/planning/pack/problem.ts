/** One thing wrong with a pack, and where: `file` relative to the pack, lines and columns from 1. */
export interface PackProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly problem: string;
}

/** `campaigns/x.yaml:3:8 unknown key "priorty"`, as editors and compilers write it. */
export function problemLine({ file, line, column, problem }: PackProblem): string {
  return `${file}:${line}:${column} ${problem}`;
}

export function inReadingOrder(problems: readonly PackProblem[]): PackProblem[] {
  const distinct = new Map(problems.map((problem) => [problemLine(problem), problem]));
  return [...distinct.values()].sort(
    (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
  );
}
