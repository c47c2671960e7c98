import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formsIn, plainText } from './html-forms.js';

const PAGE = `<!doctype html><html><body>
<!-- <form action="/commented"><input name=no></form> -->
<script>document.write('<form action="/scripted">')</script>
<form method="get" action="/lang"><button name="lang" value="en">English</button></form>
<form method="POST" action='/Ab3dE5gH?step=1&amp;x=2'>
  <input type="hidden" name="token" value="a&quot;b">
  <fieldset><legend>Якість</legend>
    <input type="radio" id="q1" name="quality" value="1"><label for="q1">Жахливо</label>
    <label><input type=radio name=quality value=5 required> <b>Чудово</b> </label>
  </fieldset>
  <label><input type="checkbox" name="reason" value="queue" checked>Черга</label>
  <label><input type="checkbox" name="reason">Інше</label>
  <select name="city"><option value="">Оберіть<option value="kyiv">Київ</option><option selected>Львів</option></select>
  <textarea name="comment" maxlength="1200">
Рядок &laquo;один&raquo;</textarea>
  <input name="website" tabindex="-1" autocomplete="off">
  <input type="text" name="off" disabled value="x">
  <button type="button" name="nothing">Ні</button>
  <button name="go" value="next">Далі <span>→</span></button>
  <input type="submit" name="go" value="skip" formaction="/skip">
</form></body></html>`;

describe('a page is read as a browser without JavaScript would', () => {
  const [language, survey, ...others] = formsIn(PAGE);

  test('what stands in comments and scripts is no form', () => {
    expect(others).toEqual([]);
    expect(language).toMatchObject({
      method: 'get',
      action: '/lang',
      buttons: [{ name: 'lang', value: 'en' }],
    });
  });

  test('the form with its address and method', () => {
    expect(survey).toMatchObject({ method: 'post', action: '/Ab3dE5gH?step=1&x=2' });
  });

  test('radios of one name are one field, labelled by id or by what is around', () => {
    expect(survey?.fields.find(({ name }) => name === 'quality')).toMatchObject({
      kind: 'radio',
      choices: [
        { value: '1', label: 'Жахливо', checked: false },
        { value: '5', label: 'Чудово', checked: false },
      ],
    });
  });

  test.each([
    ['token', { kind: 'hidden', value: 'a"b' }],
    [
      'reason',
      {
        kind: 'checkbox',
        choices: [
          { value: 'queue', checked: true },
          { value: 'on', checked: false },
        ],
      },
    ],
    ['comment', { kind: 'text', value: 'Рядок «один»', maxLength: 1200 }],
    ['website', { kind: 'text', trap: true }],
  ])('the field %s', (name, field) => {
    expect(survey?.fields.find((candidate) => candidate.name === name)).toMatchObject(field);
  });

  test('an option without an end tag ends where the next begins', () => {
    const city = survey?.fields.find(({ name }) => name === 'city');
    expect(city?.choices.map(({ value, checked }) => [value, checked])).toEqual([
      ['', false],
      ['kyiv', false],
      ['Львів', true],
    ]);
  });

  test('disabled controls and buttons that do not submit are left out', () => {
    expect(survey?.fields.map(({ name }) => name)).not.toContain('off');
    expect(survey?.buttons).toEqual([
      { name: 'go', value: 'next', label: 'Далі →', formAction: undefined },
      { name: 'go', value: 'skip', label: 'skip', formAction: '/skip' },
    ]);
  });
});

test('what stands in noscript is shown', () => {
  expect(formsIn('<noscript><form method=post><button>x</button></form></noscript>')).toHaveLength(1);
});

test('no page, however broken, stops the reader', () => {
  const scraps = fc.constantFrom('<form', '<form>', '</form>', '<input ', 'name=a', '>', '"', '<select>', '<option', '</select>', '<label>', '<textarea name=t>', '&#x;', '&amp'); // prettier-ignore
  fc.assert(fc.property(fc.array(scraps, { maxLength: 30 }), (parts) => void formsIn(parts.join(' '))));
});

test('text of markup is one line without tags', () => {
  expect(plainText(' <b>Так</b>,\n дякую&nbsp;&mdash; <i>все</i> ')).toBe('Так , дякую — все');
});
