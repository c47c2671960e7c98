import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { disposition, FACTS, LETTERS, type InvitationFacts } from './disposition.js';

type Fact = keyof InvitationFacts;

function facts(...happened: Fact[]): InvitationFacts {
  return Object.fromEntries(
    FACTS.map((fact) => [fact, happened.includes(fact)]),
  ) as unknown as InvitationFacts;
}

describe('the final disposition of a sampled visit', () => {
  test.each<[string, Fact[], string, string]>([
    ['chosen but never sent', [], '3.11', 'UH'],
    ['undelivered without a fallback', ['undelivered'], '3.30', 'UO'],
    ['accepted, then undelivered', ['sent', 'undelivered'], '3.30', 'UO'],
    ['sent, no receipt at all', ['sent'], '2.20', 'NC'],
    ['delivered, nothing opened', ['sent', 'delivered'], '2.20', 'NC'],
    ['Viber undelivered, SMS delivered', ['sent', 'undelivered', 'delivered'], '2.20', 'NC'],
    ['read receipt, nothing opened', ['sent', 'delivered', 'seen'], '2.1122', 'R'],
    ['opened, no answer', ['sent', 'delivered', 'opened'], '2.1121', 'R'],
    ['opened though the receipt said undelivered', ['sent', 'undelivered', 'opened'], '2.1121', 'R'],
    ['STOP after the invitation', ['sent', 'delivered', 'refused'], '2.111', 'R'],
    ['STOP after opening', ['sent', 'opened', 'refused'], '2.111', 'R'],
    ['some answers, below the threshold', ['sent', 'opened', 'started'], '2.12', 'R'],
    ['some answers, then STOP', ['sent', 'opened', 'started', 'refused'], '2.12', 'R'],
    ['partial', ['sent', 'opened', 'started', 'enough'], '1.2', 'P'],
    ['partial, then STOP', ['sent', 'started', 'enough', 'refused'], '1.2', 'P'],
    ['complete', ['sent', 'delivered', 'opened', 'started', 'enough', 'completed'], '1.1', 'I'],
    ['complete, then STOP: does not unmake it', ['sent', 'started', 'completed', 'refused'], '1.1', 'I'],
    ['answered after the deadline', ['sent', 'delivered', 'late'], '2.27', 'NC'],
    ['opened in a language not offered at the visit', ['sent', 'opened', 'foreign'], '2.33', 'O'],
    ['read in a foreign language, not opened', ['sent', 'delivered', 'seen', 'foreign'], '2.33', 'O'],
    ['a foreign language, and STOP', ['sent', 'opened', 'foreign', 'refused'], '2.111', 'R'],
    ['a foreign language, answered all the same', ['sent', 'started', 'completed', 'foreign'], '1.1', 'I'],
    ['a foreign language nobody read', ['sent', 'delivered', 'foreign'], '2.20', 'NC'],
    ['a foreign language that never arrived', ['undelivered', 'foreign'], '3.30', 'UO'],
    ['wrong number', ['sent', 'delivered', 'wrongNumber'], '3.90', 'UO'],
    ['a stranger opened it and said wrong number', ['sent', 'opened', 'seen', 'wrongNumber'], '3.90', 'UO'],
    ['"I was not there"', ['sent', 'delivered', 'ineligible'], '4.10', 'NE'],
    ['"I was not there" after a started survey', ['sent', 'started', 'ineligible'], '4.10', 'NE'],
  ])('%s', (_, happened, code, letter) => {
    expect(disposition(facts(...happened))).toEqual({ code, letter });
  });

  test('a fact of higher rank keeps its code whatever lower ones are added', () => {
    const order: [Fact[], string][] = [
      [['completed'], '1.1'],
      [['started', 'enough'], '1.2'],
      [['started'], '2.12'],
      [['refused'], '2.111'],
      [['opened'], '2.1121'],
      [['seen'], '2.1122'],
      [['delivered'], '2.20'],
      [['undelivered'], '3.30'],
    ];
    for (const [rank, [own, code]] of order.entries()) {
      const lower = order.slice(rank + 1).flatMap(([more]) => more.filter((fact) => fact !== 'enough'));
      expect(disposition(facts(...own, ...lower)).code).toBe(code);
    }
  });

  test('every combination of facts has exactly one known letter', () => {
    const record = Object.fromEntries(FACTS.map((fact) => [fact, fc.boolean()]));
    fc.assert(
      fc.property(fc.record(record), (given) => {
        const found = disposition(given as unknown as InvitationFacts);
        expect(LETTERS).toContain(found.letter);
        expect(disposition(given as unknown as InvitationFacts)).toEqual(found);
      }),
    );
  });
});
