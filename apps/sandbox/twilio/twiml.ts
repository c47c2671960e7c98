const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export type TwimlAnswer =
  | { readonly messages: readonly string[] }
  /** Number of the warning Twilio would file, and what is wrong. */
  | { readonly warning: number; readonly problem: string };

/**
 * What our answer to an inbound message makes Twilio send to the person: the text of each `<Message>`, or a
 * text/plain body as it stands (so an `OK` is texted to the person). twilio.com/docs/messaging/twiml
 */
export function readTwiml(contentType: string, body: string): TwimlAnswer {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const text = body.trim();
  if (text === '') return { messages: [] };
  if (Buffer.byteLength(body) > 64_000) return { warning: 11750, problem: 'the answer is over 64 kB' };
  if (type === 'text/plain') return { messages: [text] };
  if (!['text/xml', 'application/xml', 'text/html', ''].includes(type)) {
    return { warning: 12300, problem: `content type ${type} is not TwiML` };
  }
  const response = /<Response\s*(?:\/>|>([\s\S]*)<\/Response>)\s*$/.exec(text);
  if (!response || !/^(?:<\?xml[^>]*\?>\s*)?<Response/.test(text)) {
    return { warning: 12100, problem: 'the answer is no TwiML document' };
  }
  return { messages: messagesOf(response[1] ?? '') };
}

function messagesOf(inner: string): string[] {
  return [...inner.matchAll(/<(Message|Sms)(?:\s[^>]*)?(?:\/>|>([\s\S]*?)<\/\1>)/g)]
    .map(([, , content = '']) => {
      const bodies = [...content.matchAll(/<Body(?:\s[^>]*)?>([\s\S]*?)<\/Body>/g)].map(
        ([, text = '']) => text,
      );
      return decode(
        bodies.length > 0
          ? bodies.join('')
          : content.replace(/<Media(?:\s[^>]*)?(?:\/>|>[\s\S]*?<\/Media>)/g, ''),
      ).trim();
    })
    .filter((text) => text !== '');
}

function decode(xml: string): string {
  return xml
    .split(/<!\[CDATA\[([\s\S]*?)\]\]>/)
    .map((part, i) => (i % 2 === 1 ? part : decodeEntities(part)))
    .join('');
}

function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return ENTITIES[name ?? ''] ?? whole;
    },
  );
}
