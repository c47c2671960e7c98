import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { projectRoot } from '#config/project';

/** What the package brings along and we never run; underscore is what its file itself uses. */
const OUTDATED = ['express', 'body-parser', 'needle', 'async', 'json-bigint', 'debug'];

test('one file of the package is imported, in this folder only', () => {
  const imports = ['apps', 'libs', 'bench', 'migrations'].flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
      .flatMap((file) => {
        const source = readFileSync(join(projectRoot, folder, file), 'utf8');
        return [...source.matchAll(/from '(viber-bot[^']*)'/g)].map(
          ([, what]) => `${folder}/${file} ${what}`,
        );
      }),
  );
  expect(imports).toEqual(['libs/channels/viber-bot/message.ts viber-bot/lib/message/text-message.js']);
});

test('nothing of what it brings along is loaded with it', () => {
  const script = `
    const { createRequire } = require('node:module');
    require('viber-bot/lib/message/text-message.js');
    process.stdout.write(JSON.stringify(Object.keys(require.cache)));`;
  const loaded = JSON.parse(
    execFileSync(process.execPath, ['-e', script], { cwd: projectRoot, encoding: 'utf8' }),
  ) as string[];
  expect(loaded.length).toBeGreaterThan(0);
  for (const name of OUTDATED) {
    expect(loaded.filter((file) => file.includes(`/node_modules/${name}/`))).toEqual([]);
  }
});

test.each([
  ['async', 3],
  ['body-parser', 2],
  ['express', 5],
  ['needle', 3],
])('%s is installed in a version that is maintained, %i or later', (name, major) => {
  const lock = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string }>;
  };
  const copies = Object.entries(lock.packages).filter(([path]) => path.endsWith(`node_modules/${name}`));
  expect(copies.length).toBeGreaterThan(0);
  for (const [path, { version = '' }] of copies)
    expect([path, Number(version.split('.')[0]) >= major]).toEqual([path, true]);
});
