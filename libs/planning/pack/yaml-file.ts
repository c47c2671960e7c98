import { isMap, isNode, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import type { z } from 'zod';
import type { PackProblem } from './problem.js';

type Path = readonly PropertyKey[];

/** A YAML file that remembers where each value stands, so that a problem found later can point at it. */
export class YamlFile {
  private readonly lines = new LineCounter();
  private readonly document: Document.Parsed;

  constructor(
    readonly file: string,
    text: string,
  ) {
    this.document = parseDocument(text, { lineCounter: this.lines, prettyErrors: false });
  }

  /** The content as the schema has it, defaults filled in, or everything that is wrong with it. */
  read<T>(schema: z.ZodType<T>): { value: T } | { problems: PackProblem[] } {
    const broken = [...this.document.errors, ...this.document.warnings];
    if (broken.length > 0) {
      return { problems: broken.map((error) => this.problemAt(error.pos[0], error.message)) };
    }
    const aliases = this.danglingAliases();
    if (aliases.length > 0) return { problems: aliases };
    const parsed = schema.safeParse(this.document.toJS() ?? {});
    if (parsed.success) return { value: parsed.data };
    return { problems: parsed.error.issues.flatMap((issue) => this.problemsOf(issue)) };
  }

  /** A problem with the value at `path`, or with the nearest thing around it when it is absent. */
  problem(path: Path, problem: string): PackProblem {
    for (let length = path.length; length >= 0; length--) {
      const node: unknown =
        length === 0 ? this.document.contents : this.document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return this.problemAt(node.range[0], problem);
    }
    return this.problemAt(0, problem);
  }

  private danglingAliases(): PackProblem[] {
    const problems: PackProblem[] = [];
    visit(this.document, {
      Alias: (_, alias) => {
        if (alias.resolve(this.document)) return;
        problems.push(this.problemAt(alias.range?.[0] ?? 0, `*${alias.source} stands for nothing: there is no &${alias.source} before it`)); // prettier-ignore
      },
    });
    return problems;
  }

  private problemsOf(issue: z.core.$ZodIssue): PackProblem[] {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => this.unknownKey(issue.path, key));
    }
    if (issue.code === 'invalid_key')
      return [this.problem(issue.path, issue.issues[0]?.message ?? issue.message)];
    const name = issue.path.map(String).join('.');
    if (issue.path.length > 0 && !this.document.hasIn(issue.path)) {
      return [this.problem(issue.path, `${name} is missing`)];
    }
    return [this.problem(issue.path, name === '' ? issue.message : `${name}: ${issue.message}`)];
  }

  private unknownKey(path: Path, key: string): PackProblem {
    const map: unknown = path.length === 0 ? this.document.contents : this.document.getIn(path, true);
    const pair = isMap(map)
      ? map.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
      : undefined;
    const problem = `unknown key "${[...path.map(String), key].join('.')}"`;
    const at = isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
    return at === undefined ? this.problem(path, problem) : this.problemAt(at, problem);
  }

  private problemAt(offset: number, problem: string): PackProblem {
    const { line, col } = this.lines.linePos(offset);
    return { file: this.file, line: Math.max(line, 1), column: Math.max(col, 1), problem };
  }
}
