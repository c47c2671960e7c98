/** A pack with nothing that has a default, as file → text; tests change one file at a time. */
export const smallPack = {
  'pack.yaml': 'key: small\nname: {uk: Малий набір}\nversion: 1\n',
  'campaigns/after.yaml': [
    'key: after',
    'name: {uk: Після візиту}',
    'legalBasis: public_task',
    'channels: [sms, viber]',
    'priority: 10',
    'survey: short',
    'messages: {invite: hello}',
    '',
  ].join('\n'),
  'surveys/short.yaml': [
    'key: short',
    'title: {uk: Опитування}',
    'questions:',
    '  - {key: quality, type: scale, min: 1, max: 5, text: {uk: Оцінка}}',
    '',
  ].join('\n'),
  'messages/hello/uk.sms.hbs': '{{centre}}: оцініть візит {{link}}\n',
  'messages/hello/uk.viber.hbs': 'Оцініть, будь ласка, візит: {{link}} Дякуємо!\n',
} as const;
