import { expect, test } from '@jest/globals';
import { contentOf, type VisitRecord } from './visit-record.js';

const RECORD: VisitRecord = {
  recordId: '1', visitKey: 'v', centre: 'A', desk: '1', employee: 'e', ticket: 'K1', serviceCode: '7', serviceName: 'Паспорт',
  arrivedAt: new Date(1), calledAt: new Date(2), finishedAt: new Date(3), outcome: 'served',
  phone: { status: 'ok', e164: '+380501234567', country: 'UA' }, phoneTyped: '0501234567', consent: 'granted', language: 'uk',
  attributes: { exam: true, room: '3' },
}; // prettier-ignore
const same = (changes: Partial<VisitRecord>): boolean =>
  contentOf({ ...RECORD, ...changes }) === contentOf(RECORD);

test.each<[string, Partial<VisitRecord>]>([
  ['the key', { visitKey: 'w' }],
  ['the centre', { centre: 'B' }],
  ['the desk', { desk: null }],
  ['the employee', { employee: 'f' }],
  ['the ticket', { ticket: 'K2' }],
  ['the service code', { serviceCode: null }],
  ['the service name', { serviceName: 'паспорт' }],
  ['the arrival', { arrivedAt: null }],
  ['the call', { calledAt: new Date(1) }],
  ['the end', { finishedAt: new Date(4) }],
  ['the outcome', { outcome: 'left' }],
  ['the number', { phone: { status: 'ok', e164: '+380501234568', country: 'UA' } }],
  ['the number, now useless', { phone: { status: 'bad' }, phoneTyped: '---' }],
  ['the number, now missing', { phone: { status: 'missing' }, phoneTyped: null }],
  ['the consent', { consent: 'refused' }],
  ['the language', { language: null }],
  ['an attribute', { attributes: { exam: false, room: '3' } }],
  ['the kind of an attribute', { attributes: { exam: 'true', room: '3' } }],
  ['an attribute that is gone', { attributes: { exam: true } }],
  ['values that changed places', { desk: 'e', employee: '1' }],
  ['a value that moved to the next field', { desk: null, employee: '1' }],
])('%s makes another content', (_what, changes) => {
  expect(same(changes)).toBe(false);
});

test.each<[string, Partial<VisitRecord>]>([
  ['the way the number was typed', { phoneTyped: '+38 (050) 123-45-67' }],
  ['the order of the attributes', { attributes: { room: '3', exam: true } }],
])('%s does not', (_what, changes) => {
  expect(same(changes)).toBe(true);
});
