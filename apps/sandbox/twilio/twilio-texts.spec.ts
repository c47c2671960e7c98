import { describe, expect, test } from '@jest/globals';
import { connectionOverrides } from './connection-overrides.js';
import { smsParts } from './sms-parts.js';
import { readTwiml } from './twiml.js';

describe('SMS parts', () => {
  test.each([
    ['', 1],
    ['x'.repeat(160), 1],
    ['x'.repeat(161), 2],
    ['x'.repeat(306), 2],
    ['x'.repeat(307), 3],
    ['€'.repeat(80), 1],
    ['€'.repeat(81), 2],
    // 152 septets and a pair of two: the pair stays whole and begins the second part.
    [`${'x'.repeat(152)}{${'x'.repeat(152)}`, 3],
    ['ї'.repeat(70), 1],
    ['ї'.repeat(71), 2],
    ['ї'.repeat(134), 2],
    ['ї'.repeat(135), 3],
    [`${'ї'.repeat(66)}😀${'ї'.repeat(66)}`, 3],
    [`${'x'.repeat(70)}’`, 2],
  ])('%#: %i', (text, parts) => {
    expect(smsParts(text)).toBe(parts);
  });
});

describe('an answer to an inbound message', () => {
  test.each([
    ['two messages', 'text/xml', '<Response><Message>Раз</Message><Message to="x"><Body>Два</Body></Message></Response>', ['Раз', 'Два']], // prettier-ignore
    ['entities and CDATA', 'application/xml', '<Response><Message>a &lt;&#1111;&gt; <![CDATA[<b>&amp;]]></Message></Response>', ['a <ї> <b>&amp;']], // prettier-ignore
    ['an empty message', 'text/xml', '<Response><Message/></Response>', []],
    ['nothing', 'application/json', ' \n', []],
    ['plain text', 'text/plain', ' OK ', ['OK']],
  ])('with %s', (_, contentType, body, messages) => {
    expect(readTwiml(contentType, body)).toEqual({ messages });
  });

  test.each([
    ['broken XML', 'text/xml', '<Response><Message>x', 12100],
    ['another document', 'text/xml', '<html></html>', 12100],
    ['JSON', 'application/json', '{}', 12300],
    ['64 kB', 'text/plain', 'x'.repeat(64_001), 11750],
  ])('with %s is a warning', (_, contentType, body, warning) => {
    expect(readTwiml(contentType, body)).toMatchObject({ warning });
  });
});

describe('connection overrides in the fragment', () => {
  test.each([
    ['http://a/', 15_000, 1, ['connect']],
    ['http://a/#rt=4000&rc=3&rp=all', 4000, 3, ['4xx', '5xx', 'connect', 'timeout']],
    ['http://a/#rc=0', 15_000, 0, ['connect']],
    ['http://a/#rc=9&rt=5&rp=4xx,5xx', 100, 5, ['4xx', '5xx']],
    ['http://a/#rt=9000&tt=2000', 2000, 1, ['connect']],
    ['http://a/#rc=x&rp=x', 15_000, 1, []],
  ])('%s', (url, timeoutMs, retries, on) => {
    const persistence = connectionOverrides(url);
    expect(persistence.timeoutMs).toBe(timeoutMs);
    expect(persistence.pausesMs).toHaveLength(retries);
    expect([...persistence.on].sort()).toEqual(on);
  });
});
