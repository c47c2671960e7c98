// Shows a typed password on demand, and how strong a new one is; without this script the forms work as they stand.
function addSight(field) {
  const label = document.querySelector(`label[for="${field.id}"]`).textContent.trim();
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'plain sight';
  const show = (seen) => {
    field.type = seen ? 'text' : 'password';
    button.textContent = seen ? field.dataset.unsee : field.dataset.see;
    button.setAttribute('aria-label', `${button.textContent}: ${label}`);
  };
  show(false);
  // What is shown is a password still: no checking of its spelling by a server elsewhere.
  field.spellcheck = false;
  field.autocapitalize = 'none';
  button.addEventListener('click', () => show(field.type === 'password'));
  // Browsers keep what was typed into a text field to offer it again.
  field.form.addEventListener('submit', () => show(false));
  field.after(button);
}

function addMeter(field) {
  const part = document.getElementById(`${field.id}-strength`);
  const meter = part.querySelector('meter');
  const output = part.querySelector('output');
  let waiting;
  let last = 0;
  async function judge() {
    const turn = ++last;
    part.hidden = field.value === '';
    if (part.hidden) return;
    const body = new URLSearchParams({ csrf: field.form.elements.csrf.value, next: field.value });
    const answer = await fetch(field.dataset.meter, { method: 'POST', body, headers: { 'x-live': '1' } });
    if (!answer.ok || turn !== last) return;
    const { strength, text } = await answer.json();
    if (turn !== last) return;
    meter.value = strength;
    output.value = text;
  }
  field.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => void judge().catch(() => undefined), 300);
  });
}

for (const field of document.querySelectorAll('[data-see]')) addSight(field);
for (const field of document.querySelectorAll('[data-meter]')) addMeter(field);
