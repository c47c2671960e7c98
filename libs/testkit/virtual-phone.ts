import { eventually } from './running-system.js';

export interface PhoneMessage {
  readonly id: string;
  /** As the phone sees it: `in` came from the centre. */
  readonly direction: 'in' | 'out';
  readonly channel: 'sms' | 'viber';
  readonly text: string;
  readonly links: readonly string[];
  readonly keyboard: readonly { readonly label: string; readonly reply: string }[];
}

/** A person's phone in the sandbox, driven over its HTTP API. */
export interface VirtualPhone {
  messages(direction?: 'in' | 'out'): Promise<PhoneMessage[]>;
  /** Waits for a message from the centre that the test likes, and gives it. */
  message(wanted: (message: PhoneMessage, all: readonly PhoneMessage[]) => boolean): Promise<PhoneMessage>;
  reply(text: string): Promise<void>;
  /** Opens the Viber chat through a link that carries the survey code. */
  openViber(context: string): Promise<void>;
  /** Presses the first button of each new keyboard until none comes any more. */
  pressThrough(): Promise<number>;
}

export function virtualPhone(sandbox: string, number: string): VirtualPhone {
  const base = `${sandbox}/api/phones/${encodeURIComponent(number)}`;
  const messages = async (direction?: 'in' | 'out'): Promise<PhoneMessage[]> => {
    const response = await fetch(`${base}/messages`);
    if (response.status === 404) return [];
    const { messages: all } = (await response.json()) as { messages: PhoneMessage[] };
    return direction ? all.filter((message) => message.direction === direction) : all;
  };
  const act = async (what: string, body: object): Promise<void> => {
    const response = await fetch(`${base}/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${what}: ${response.status} ${await response.text()}`);
  };
  const message: VirtualPhone['message'] = (wanted) =>
    eventually(async () => {
      const all = await messages('in');
      return all.find((candidate) => wanted(candidate, all));
    }, `a message on ${number}`);
  return {
    messages,
    message,
    reply: (text) => act('reply', { text }),
    openViber: (context) => act('viber', { context }),
    pressThrough: async () => {
      const pressed = new Set<string>();
      for (;;) {
        const next = await message(
          (candidate, all) => !pressed.has(candidate.id) && all.at(-1) === candidate,
        );
        const button = next.keyboard[0];
        if (!button) return pressed.size;
        pressed.add(next.id);
        await act('press', { messageId: next.id, reply: button.reply });
      }
    },
  };
}
