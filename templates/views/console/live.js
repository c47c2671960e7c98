// Keeps the live page fresh: fetches its changing parts from the server, which draws them, and exchanges those that differ.
'use strict';

const PERIOD_MS = 2000;
const LONGEST_MS = 30000;
const main = document.querySelector('[data-live]');
const words = JSON.parse(main.dataset.words);
const status = document.getElementById('status');
const pause = document.getElementById('pause');
let paused = false;
let failures = 0;
let timer;

pause.hidden = false;
pause.addEventListener('click', () => {
  paused = !paused;
  pause.textContent = paused ? words.resume : words.pause;
  show(paused ? 'paused' : 'on');
  if (paused) clearTimeout(timer);
  else refresh();
});
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && !paused) refresh();
});
timer = setTimeout(refresh, PERIOD_MS);

async function refresh() {
  clearTimeout(timer);
  if (document.hidden || paused) return;
  try {
    const answer = await fetch(main.dataset.live, {
      headers: { 'x-live': '1' },
      signal: AbortSignal.timeout(20000),
    });
    if (answer.status === 401) return location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.text();
    if (paused) return;
    exchange(new DOMParser().parseFromString(text, 'text/html'));
    failures = 0;
    show('on');
  } catch {
    failures += 1;
    if (!paused) show('lost');
  }
  clearTimeout(timer);
  if (!paused) timer = setTimeout(refresh, Math.min(LONGEST_MS, PERIOD_MS * 2 ** Math.min(failures, 5)));
}

function exchange(fresh) {
  for (const part of fresh.querySelectorAll('[data-part]')) {
    const old = document.getElementById(part.id);
    // A reader in the middle of a part, by focus or selection, keeps it as it is.
    if (!old || old.innerHTML === part.innerHTML || holdsReader(old)) continue;
    const known = new Set([...old.querySelectorAll('[data-key]')].map((item) => item.dataset.key));
    const scrolled = [...old.querySelectorAll('[tabindex]')].map((box) => [box.scrollLeft, box.scrollTop]);
    old.replaceChildren(...part.childNodes);
    for (const item of old.querySelectorAll('[data-key]')) {
      if (!known.has(item.dataset.key)) item.classList.add('fresh');
    }
    for (const [place, box] of [...old.querySelectorAll('[tabindex]')].entries()) {
      [box.scrollLeft, box.scrollTop] = scrolled[place] ?? [0, 0];
    }
  }
}

function holdsReader(part) {
  const selection = document.getSelection();
  return (
    part.contains(document.activeElement) ||
    (selection && !selection.isCollapsed && part.contains(selection.anchorNode))
  );
}

function show(state) {
  if (status.className === state) return;
  status.className = state;
  status.textContent = words[state];
}
