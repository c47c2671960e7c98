import { html, type Html } from '../html.js';

/** What a page says about the form that was just sent: `done` went well, `problem` did not. */
export interface Notice {
  readonly done?: string | undefined;
  readonly problem?: string | undefined;
}

export function noticeOf({ done, problem }: Notice): Html {
  if (problem !== undefined) return html`<p class="alert" role="alert">${problem}</p>`;
  return html`${done !== undefined && html`<p class="done" role="status">${done}</p>`}`;
}

/** The hidden field by which a form shows that it came from our own page. */
export function csrfField(csrf: string | null): Html {
  return html`<input type="hidden" name="csrf" value="${csrf}" />`;
}
