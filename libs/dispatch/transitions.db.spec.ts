import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { projectRoot } from '#config/project';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { PRIORITIES } from './message-kinds.js';
import { isTerminal, MESSAGE_STATES, stateDiagram, stateTable } from './transitions.js';

let t: TestDatabase;
let checks: string[];
beforeAll(async () => {
  t = await testDatabase();
  const { rows } = await t.db.query<{ def: string }>(
    `select pg_get_constraintdef(oid) as def from pg_constraint where conrelid = 'message'::regclass and contype = 'c'`,
  );
  checks = rows.map(({ def }) => def);
});
afterAll(() => t.drop());

/** The values that a CHECK of the form `column = ANY (ARRAY[…])` allows. */
function listed(pattern: RegExp): string[] {
  const def = checks.find((check) => pattern.test(check)) ?? '';
  return [...def.matchAll(/'([a-z]+)'::text/g)].map((match) => match[1] ?? '').sort();
}

test('the database allows exactly the states of the table', () => {
  expect(listed(/^CHECK \(\(state = ANY/)).toEqual([...MESSAGE_STATES].sort());
});

test('the database ties settled_at to exactly the states that nothing leaves', () => {
  expect(listed(/settled_at IS NOT NULL/)).toEqual(MESSAGE_STATES.filter(isTerminal).sort());
});

test('the database allows exactly the priorities that the claim walks', () => {
  const def = checks.find((check) => check.includes('priority')) ?? '';
  expect([...def.matchAll(/\d+/g)].map(Number).sort()).toEqual([...PRIORITIES].sort());
});

test('docs/states.md shows the diagram and the table as they are', async () => {
  const text = await readFile(join(projectRoot, 'docs', 'states.md'), 'utf8');
  expect(text).toContain(stateDiagram());
  // The formatter pads the columns.
  const narrow = (table: string): string => table.replace(/ +/g, ' ').replace(/-+/g, '-');
  expect(narrow(text)).toContain(narrow(stateTable()));
});
