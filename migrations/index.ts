import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { projectRoot } from '#config/project';

type MigrationClass = new () => MigrationInterface;

/** A TypeORM migration whose statements are the hand-written files `<file>.up.sql` and `<file>.down.sql`. */
function fromFiles(timestamp: number, file: string): MigrationClass {
  const read = (way: 'up' | 'down'): string =>
    readFileSync(join(projectRoot, 'migrations', `${file}.${way}.sql`), 'utf8');
  return class implements MigrationInterface {
    // TypeORM orders migrations by the thirteen digits at the end of their name.
    readonly name = `${file}-${timestamp}`;
    async up(runner: QueryRunner): Promise<void> {
      await runner.query(read('up'));
    }
    async down(runner: QueryRunner): Promise<void> {
      await runner.query(read('down'));
    }
  };
}

/** In order; a published one is never edited, only followed. */
export const migrations: MigrationClass[] = [
  fromFiles(1763700000001, '0001-the-path-of-a-visit'),
  fromFiles(1763700000002, '0002-withdrawn-campaigns'),
  fromFiles(1763700000003, '0003-fair-turns'),
  fromFiles(1763700000004, '0004-approved-texts'),
  fromFiles(1763700000005, '0005-low-scores'),
  fromFiles(1763700000006, '0006-forgetting-and-keys'),
  fromFiles(1763700000007, '0007-people-and-their-doings'),
  fromFiles(1763700000008, '0008-roll-ups'),
  fromFiles(1763700000018, '0018-schema-reporting'),
  fromFiles(1763700000019, '0019-ended-attempts'),
  fromFiles(1763700000022, '0022-facts-by-the-thousand'),
  fromFiles(1763700000026, '0026-passwords-that-are-due'),
  fromFiles(1763700000029, '0029-flagged-visits'),
  fromFiles(1763700000031, '0031-packed-roll-ups'),
  fromFiles(1763700000034, '0034-messages-given-up'),
  fromFiles(1763700000035, '0035-both-channels'),
  fromFiles(1763700000036, '0036-claims-of-their-own'),
  fromFiles(1763700000037, '0037-stops-in-the-chat'),
];
