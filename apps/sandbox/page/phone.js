/* Brings the page up to date as messages arrive. Everything here also works without it, by plain forms and reloads. */
'use strict';

const log = document.getElementById('log');
const number = document.getElementById('main')?.dataset.number;
const pane = log?.parentElement;
let fetching = false;
let again = false;

function toTheEnd() {
  if (pane) pane.scrollTop = pane.scrollHeight;
}

/** Puts what changed in a fresh copy of the page into this one; what the person is typing stays. */
async function refresh() {
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  try {
    const response = await fetch(location.href);
    if (response.ok) patch(new DOMParser().parseFromString(await response.text(), 'text/html'));
  } catch {
    // The sandbox is being restarted; the event stream reconnects by itself and asks again.
  } finally {
    fetching = false;
    if (again) {
      again = false;
      setTimeout(refresh, 250);
    }
  }
}

function patch(fresh) {
  for (const id of ['phones', 'head', 'channels']) {
    const here = document.getElementById(id);
    const there = fresh.getElementById(id);
    if (here && there && here.innerHTML !== there.innerHTML && !here.contains(document.activeElement)) {
      here.innerHTML = there.innerHTML;
    }
  }
  patchState(fresh);
  if (log) patchLog(fresh.getElementById('log'));
}

/** The list of problems stays open if the person opened it. */
function patchState(fresh) {
  const here = document.getElementById('state');
  const there = fresh.getElementById('state');
  if (!here || !there || here.contains(document.activeElement)) return;
  const open = here.querySelector('details')?.open ?? false;
  here.innerHTML = there.innerHTML;
  const details = here.querySelector('details');
  if (details) details.open = open;
}

/** Adds and replaces single messages, so that a screen reader announces only what is new. */
function patchLog(there) {
  if (!there) return;
  const atEnd = pane.scrollHeight - pane.scrollTop - pane.clientHeight < 80;
  const wanted = new Set();
  for (const item of [...there.children]) {
    wanted.add(item.id);
    const here = document.getElementById(item.id);
    if (!here) {
      item.classList.add('fresh');
      log.append(item);
    } else if (here.innerHTML !== item.innerHTML) {
      here.innerHTML = item.innerHTML;
    }
  }
  for (const item of [...log.children]) if (!wanted.has(item.id)) item.remove();
  if (atEnd) toTheEnd();
}

/** Forms of the conversation are sent without leaving the page. */
document.addEventListener('submit', async (event) => {
  const form = event.target;
  if (!form.action || form.method !== 'post' || !form.closest('#main')) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  if (form.dataset.keep !== undefined && !body.get('quick') && !body.get('text')?.trim()) return;
  const buttons = [...form.querySelectorAll('button')];
  for (const button of buttons) button.disabled = true;
  const response = await fetch(form.action, { method: 'POST', body }).catch(() => undefined);
  for (const button of buttons) button.disabled = false;
  const notice = document.getElementById('notice');
  if (notice) {
    const fresh = response && new DOMParser().parseFromString(await response.text(), 'text/html');
    notice.innerHTML = fresh?.getElementById('notice')?.innerHTML ?? '';
    if (!fresh) notice.textContent = document.body.dataset.failed ?? '';
  }
  const text = document.getElementById('text');
  if (response?.ok && form.dataset.keep !== undefined && text && !body.get('quick')) text.value = '';
  await refresh();
  toTheEnd();
  text?.focus();
});

document.getElementById('text')?.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  event.target.form.requestSubmit(document.getElementById('send'));
});

/** The person sees the chat, so Viber says so. */
function look() {
  if (!number || document.hidden) return;
  void fetch(`/api/phones/${encodeURIComponent(number)}/look`, { method: 'POST' }).catch(() => undefined);
}

/**
 * A browser opens six connections to one address at most, and each stream holds one: a page in a background tab
 * gives its own back.
 */
let events;
function listen() {
  if (document.hidden) {
    events?.close();
    events = undefined;
    return;
  }
  if (events) return;
  events = new EventSource('/api/events');
  events.addEventListener('changed', (event) => {
    void refresh();
    if (number && JSON.parse(event.data).includes(number)) look();
  });
  // Whatever happened while the stream was broken or closed is fetched at once.
  events.addEventListener('open', () => void refresh());
}

document.addEventListener('visibilitychange', () => {
  listen();
  look();
});
listen();
toTheEnd();
look();
