import { CommanderError } from 'commander';
import { describe, expect, test } from '@jest/globals';
import { AppError } from '#kernel/errors';
import { failWith } from './failure.js';

describe('a failure has an exit code and words', () => {
  test.each<[string, unknown, boolean, number, string]>([
    ['asking for help is no failure', new CommanderError(0, 'commander.helpDisplayed', ''), false, 0, ''],
    ['an unknown option is wrong usage', new CommanderError(1, 'commander.unknownOption', 'x'), false, 2, ''],
    ['unreadable input is 2', new AppError('bad_mapping', 'line 3'), false, 2, 'line 3\n'],
    [
      'something that failed is 1',
      new AppError('database_unreachable', 'down', { exitCode: 1 }),
      false,
      1,
      'down\n',
    ],
    ['a bug is 1 and shows no stack', new TypeError('oops'), false, 1, 'oops\n'],
    [
      'machines get JSON with the details',
      new AppError('c', 'm', { details: ['d'] }),
      true,
      2,
      '{"code":"c","message":"m","details":["d"]}\n',
    ],
    ['machines get JSON for a bug too', new Error('oops'), true, 1, '{"code":"failed","message":"oops"}\n'],
  ])('%s', (_, thrown, asJson, code, words) => {
    let written = '';
    const context = {
      env: {},
      out: () => undefined,
      write: () => Promise.resolve(),
      err: (text: string) => void (written += text),
      stdin: process.stdin,
      interactive: false,
    };
    expect(failWith(context, thrown, asJson)).toBe(code);
    expect(written).toBe(words);
  });
});
