// Shows the text while one types; without this script the button does.
const form = document.getElementById('text-form');
const shown = document.getElementById('preview');
let waiting;
let last = 0;

async function show() {
  const turn = ++last;
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.action, { method: 'POST', body, headers: { 'x-live': '1' } });
  if (!answer.ok || turn !== last) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  shown.replaceChildren(...page.getElementById('preview').childNodes);
}

form.addEventListener('input', () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => void show().catch(() => undefined), 250);
});
