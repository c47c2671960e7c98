import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { projectRoot } from '#config/project';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { freshEnvironment, vidhuk, writeCsv, type CommandResult } from '#testkit/running-system';
import { rm } from 'node:fs/promises';

const HEADER = 'id;office;closed;status;phone';
const GOOD = '1;hall-1;2020-01-13 09:14;served;0501234501';
const MAPPING = [
  'key: hall',
  'format: csv',
  'delimiter: ";"',
  'timezone: Europe/Kyiv',
  'defaultCountry: UA',
  'dateFormat: "yyyy-MM-dd HH:mm"',
  'columns: {recordId: id, centre: office, finishedAt: closed, outcome: status, phone: phone}',
];

let t: TestDatabase;
let dir: string;
let env: NodeJS.ProcessEnv;
let mapping: string;
beforeAll(async () => {
  t = await testDatabase();
  const fresh = await freshEnvironment({
    DATABASE_URL: t.url,
    VIDHUK_SECRET_KEY: Buffer.alloc(32, 1).toString('base64'),
  });
  ({ dir, env } = fresh);
  mapping = await writeCsv(dir, 'mapping.yaml', MAPPING);
});
afterAll(async () => {
  await t.drop();
  await rm(dir, { recursive: true, force: true });
});

async function importing(file: string, mappingFile = mapping, ...more: string[]): Promise<CommandResult> {
  return vidhuk(['visits', 'import', file, '--source', 'hall', '--mapping', mappingFile, ...more], env);
}

describe('input that cannot be read is refused with what, where and what to do', () => {
  test('a file that is not there', async () => {
    const result = await importing(join(dir, 'nowhere.csv'));
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining('nowhere.csv') });
  });

  test('a file that is no text at all', async () => {
    const result = await importing(process.execPath);
    expect(result.code).toBe(2);
    expect(result.stderr).not.toMatch(/\n {4}at /);
  });

  test('the wrong delimiter: the missing columns and the delimiter that would fit are named', async () => {
    const file = await writeCsv(dir, 'commas.csv', [HEADER.replaceAll(';', ','), GOOD.replaceAll(';', ',')]);
    const result = await importing(file);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('","');
    expect(result.stderr).toContain('id');
  });

  test('a mapping with an unknown field: line, column and the known fields', async () => {
    const file = await writeCsv(dir, 'visits.csv', [HEADER, GOOD]);
    const wrong = await writeCsv(dir, 'wrong.yaml', MAPPING.map((line) => line.replace('phone: phone', 'fone: phone'))); // prettier-ignore
    const result = await importing(file, wrong);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/wrong\.yaml[^]*line 7, column \d+/);
    expect(result.stderr).toContain('fone');
  });

  test('a mapping that names a column the file has not', async () => {
    const file = await writeCsv(dir, 'visits.csv', [HEADER, GOOD]);
    const wrong = await writeCsv(dir, 'column.yaml', MAPPING.map((line) => line.replace('phone: phone', 'phone: mobile'))); // prettier-ignore
    const result = await importing(file, wrong);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('mobile');
  });

  test('half a row at the end is kept as a rejected row, the others are taken', async () => {
    const file = await writeCsv(dir, 'half.csv', [HEADER, GOOD.replace('1;', '77;'), '78;hall-1;2020-01-1']);
    const rejects = join(dir, 'rejects.csv');
    const result = await importing(file, mapping, '--json', '--rejects', rejects);
    expect(result.code).toBe(0);
    expect(JSON.parse(result.stdout)).toMatchObject({
      read: 2,
      accepted: 1,
      duplicates: 0,
      rejected: 1,
      visits: 1,
    });
    const { rows } = await t.db.query('select line::int, reason from rejected_row');
    expect(rows).toEqual([{ line: 3, reason: expect.any(String) }]);
  });
});

describe('a wrong surrounding is said plainly', () => {
  test('an unknown setting', async () => {
    const result = await vidhuk(['migrate'], { ...env, VIDHUK_GATEWAY_PROT: '1' });
    expect(result).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean VIDHUK_GATEWAY_PORT?'),
    });
  });

  test('a database that is down', async () => {
    const result = await vidhuk(['report', 'rates', '--from', '2020-01-01', '--to', '2020-01-02'], {
      ...env,
      DATABASE_URL: 'postgres://vidhuk:hush@127.0.0.1:1/vidhuk',
    });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('127.0.0.1:1 cannot be reached');
    expect(result.stderr).not.toContain('hush');
  });

  test('a carrier that cannot be reached is one line of the doctor and exit 1', async () => {
    const result = await vidhuk(['doctor', '--json'], {
      ...env,
      TWILIO_ACCOUNT_SID: `AC${'1'.repeat(32)}`,
      TWILIO_AUTH_TOKEN: 'hush-hush',
      TWILIO_FROM: '+380500000000',
      TWILIO_BASE_URL: 'http://127.0.0.1:1',
    });
    expect(result.code).toBe(1);
    expect(result.stdout).not.toContain('hush-hush');
    const { checks } = JSON.parse(result.stdout) as { checks: { name: string; ok: boolean }[] };
    expect(checks).toContainEqual(expect.objectContaining({ name: 'carrier twilio', ok: false }));
    expect(checks).toContainEqual(expect.objectContaining({ name: 'database', ok: true }));
  });

  test('a pack with a mistake: file, line and column', async () => {
    const result = await vidhuk(['pack', 'check', join(projectRoot, 'docs')], env);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('pack.yaml');
  });

  test('a command that does not exist', async () => {
    expect(await vidhuk(['reprot'], env)).toMatchObject({ code: 2 });
  });
});
