// Holds the sources to the rules of docs/architecture.md that a linter does not know: which room may import
// which, no cycles, no barrels, where vendors, time, randomness and the environment may be used, and sizes.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Rooms by height; a room imports only from lower ones. Rooms of equal height do not import each other. */
const height = {
  kernel: 0,
  config: 1,
  store: 2,
  rendering: 2,
  channels: 2,
  surveys: 3,
  contacts: 3,
  intake: 4,
  planning: 4,
  dispatch: 4,
  replies: 4,
  reporting: 4,
  access: 4,
  worker: 5,
  gateway: 5,
  console: 5,
  sandbox: 5,
  cli: 6,
};
/** Which height may use a rule's exception: vendor packages and the places they live in. */
const vendors = {
  twilio: ['libs/channels/twilio-sms/'],
  'viber-bot': ['libs/channels/viber-bot/'],
  handlebars: ['libs/rendering/'],
  undici: ['libs/channels/', 'apps/sandbox/'],
  typeorm: ['libs/store/', 'migrations/'],
  argon2: ['libs/access/'],
  '@zxcvbn-ts': ['libs/access/'],
  otpauth: ['libs/access/'],
  qrcode: ['libs/access/'],
  'openid-client': ['libs/access/'],
};
const MAX_FILE_LINES = 400;
const MAX_FUNCTION_P90 = 35;
const MAX_ANY_PER_1000 = 1;
const bannedNames = /(^|[-.])(utils?|helpers?|common|shared|base|manager|impl)([-.]|$)/i;

const problems = [];
const functionSizes = [];
let anyCount = 0;
let lineCount = 0;
let commentLines = 0;
const fileSizes = [];
const edges = new Map();

for (const file of sources()) inspect(file);
reportCycles();
reportInstallScripts();
functionSizes.sort((a, b) => a - b);
fileSizes.sort((a, b) => a - b);
const at = (list, share) => list[Math.min(list.length - 1, Math.floor(list.length * share))] ?? 0;
if (at(functionSizes, 0.9) > MAX_FUNCTION_P90)
  problems.push(`functions: p90 is ${at(functionSizes, 0.9)} lines`);
if ((anyCount * 1000) / lineCount > MAX_ANY_PER_1000) problems.push(`any: ${anyCount} in ${lineCount} lines`);
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(
  `guard: ${fileSizes.length} files (median ${at(fileSizes, 0.5)}, p90 ${at(fileSizes, 0.9)}, max ${fileSizes.at(-1)} lines), ` +
    `functions p90 ${at(functionSizes, 0.9)} lines, comments ${Math.round((100 * commentLines) / lineCount)} %, any ${anyCount}, ` +
    `${problems.length} problems\n`,
);
process.exitCode = problems.length > 0 ? 1 : 0;

/** Every TypeScript file of the program; tests and the test kit are held to their own, looser rules. */
function sources() {
  const found = [];
  const visit = (dir) => {
    for (const entry of readdirSync(join(root, dir), { withFileTypes: true })) {
      const path = `${dir}/${entry.name}`;
      if (entry.isDirectory()) visit(path);
      else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts')) found.push(path);
    }
  };
  for (const dir of ['apps', 'libs', 'migrations', 'bench']) visit(dir);
  return found;
}

function isTest(file) {
  return /\.spec\.ts$|\/testing\/|^libs\/testkit\/|^bench\//.test(file);
}

function inspect(file) {
  const text = readFileSync(join(root, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const test = isTest(file);
  const name = file.split('/').at(-1);
  if (bannedNames.test(name)) problems.push(`${file}: name it after what it does, not "${name}"`);
  const lines = text.split('\n').length;
  if (lines > MAX_FILE_LINES && !test) problems.push(`${file}: ${lines} lines, at most ${MAX_FILE_LINES}`);
  if (!test) {
    fileSizes.push(lines);
    lineCount += lines;
    commentLines += text.split('\n').filter((line) => /^\s*(\/\/|\/\*|\*)/.test(line)).length;
  }
  const walk = (node) => {
    inspectNode(file, source, node, test);
    ts.forEachChild(node, walk);
  };
  walk(source);
}

function inspectNode(file, source, node, test) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    if (ts.isExportDeclaration(node) && node.moduleSpecifier && !node.exportClause) {
      problems.push(`${place(file, source, node)}: export * makes a barrel`);
    }
    if (node.moduleSpecifier) inspectImport(file, source, node, node.moduleSpecifier.text, test);
  }
  if (
    ts.isImportTypeNode(node) ||
    (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
  ) {
    const argument = ts.isImportTypeNode(node) ? node.argument.literal : node.arguments[0];
    if (argument?.text) inspectImport(file, source, node, argument.text, test);
  }
  if (test) return;
  if (node.kind === ts.SyntaxKind.AnyKeyword) anyCount++;
  if (ts.isFunctionLike(node) && node.body) functionSizes.push(spanOf(source, node));
  inspectGlobals(file, source, node);
}

/** Time, randomness, environment and console each have one room. */
function inspectGlobals(file, source, node) {
  const rules = [
    [/^Date\.now$/, ['libs/kernel/clock.ts']],
    [/^Math\.random$/, []],
    [/^process\.env$/, ['apps/cli/main.ts']],
    [/^console\./, []],
  ];
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText(source).replace(/\s/g, '');
    for (const [pattern, allowed] of rules) {
      if (pattern.test(text) && !allowed.includes(file)) {
        problems.push(
          `${place(file, source, node)}: ${text} is not used here; it comes from the kernel or config`,
        );
      }
    }
  }
  // Requests leave the house through the carriers' client only; the demo and its virtual visitors talk to loopback.
  if (ts.isCallExpression(node) && node.expression.getText(source) === 'fetch') {
    if (!['apps/sandbox/', 'apps/cli/demo/'].some((place) => file.startsWith(place)))
      problems.push(
        `${place(file, source, node)}: fetch is not used here; carriers are asked by libs/channels`,
      );
  }
  if (ts.isNewExpression(node) && node.expression.getText(source) === 'Date' && !node.arguments?.length) {
    if (file !== 'libs/kernel/clock.ts')
      problems.push(`${place(file, source, node)}: new Date() reads the time; take it from the clock`);
  }
}

function inspectImport(file, source, node, specifier, test) {
  const vendor = Object.keys(vendors).find((name) => specifier === name || specifier.startsWith(`${name}/`));
  if (vendor && !test && !vendors[vendor].some((place) => file.startsWith(place))) {
    problems.push(
      `${place(file, source, node)}: ${vendor} is imported only in ${vendors[vendor].join(', ')}`,
    );
  }
  const target = resolveImport(file, specifier);
  if (target === undefined) return;
  edges.set(file, [...(edges.get(file) ?? []), target]);
  const from = roomOf(file);
  const to = roomOf(target);
  if (test || from === to || from === undefined || to === undefined) return;
  if (to === 'testkit') problems.push(`${place(file, source, node)}: the test kit is for tests`);
  else if (height[from] <= height[to])
    problems.push(`${place(file, source, node)}: ${from} must not import ${to}`);
}

function resolveImport(file, specifier) {
  if (specifier.startsWith('.')) {
    return relative(root, resolve(root, dirname(file), specifier)).replace(/\.js$/, '.ts');
  }
  const match = /^#([a-z]+)\/(.+)$/.exec(specifier);
  if (!match) return undefined;
  const [, room, rest] = match;
  if (room === 'migrations') return `migrations/${rest}.ts`;
  const apps = ['worker', 'gateway', 'console', 'sandbox', 'cli'];
  return `${apps.includes(room) ? 'apps' : 'libs'}/${room}/${rest}.ts`;
}

/** Migrations belong to the store: they are loaded by it and import nothing above it. */
function roomOf(file) {
  if (file.startsWith('migrations/')) return 'store';
  return /^(?:apps|libs)\/([a-z]+)\//.exec(file)?.[1];
}

function reportCycles() {
  const state = new Map();
  const visit = (file, trail) => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      problems.push(`import cycle: ${[...trail.slice(trail.indexOf(file)), file].join(' -> ')}`);
      return;
    }
    state.set(file, 'open');
    for (const next of edges.get(file) ?? []) visit(next, [...trail, file]);
    state.set(file, 'done');
  };
  for (const file of edges.keys()) visit(file, []);
}

/** What a package may run while it is installed is decided by name, for each that would like to. */
function reportInstallScripts() {
  const { allowScripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  for (const [path, { hasInstallScript }] of Object.entries(packages)) {
    const name = path.split('node_modules/').at(-1);
    if (hasInstallScript && !(name in allowScripts))
      problems.push(
        `package.json: allowScripts says nothing about ${name}, which runs a script when installed`,
      );
  }
}

function spanOf(source, node) {
  const line = (position) => source.getLineAndCharacterOfPosition(position).line;
  return line(node.getEnd()) - line(node.getStart(source)) + 1;
}

function place(file, source, node) {
  const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return `${file}:${line + 1}:${character + 1}`;
}
