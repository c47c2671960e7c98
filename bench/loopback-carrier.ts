import { fork } from 'node:child_process';
import { createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

/**
 * A carrier shaped like Twilio's Messages API, in a process of its own, as cheap as it can be made: no HTTP library,
 * only the end of each request is looked for. Every message is accepted after `latencyMs`.
 */
export async function startCarrier(latencyMs: number): Promise<{ url: string; stop(): void }> {
  const child = fork(fileURLToPath(import.meta.url), [String(latencyMs)]);
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve(message as number));
    child.once('exit', () => reject(new Error('the carrier did not start')));
  });
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill() };
}

const HEAD_END = '\r\n\r\n';

function serve(latencyMs: number): void {
  let count = 0;
  const answer = (socket: Socket): void => {
    const body = `{"sid":"SM${String(++count).padStart(32, '0')}","status":"queued","num_segments":"2"}`;
    socket.write(
      `HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
  };
  // One timer serves everything that came in the same millisecond.
  const batches = new Map<number, Socket[]>();
  const later = (socket: Socket): void => {
    const at = Math.floor(performance.now());
    const batch = batches.get(at);
    if (batch) return void batch.push(socket);
    const fresh = [socket];
    batches.set(at, fresh);
    setTimeout(() => {
      batches.delete(at);
      for (const waiting of fresh) answer(waiting);
    }, latencyMs);
  };
  const server = createServer({ noDelay: true }, (socket) => {
    let pending = '';
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      for (;;) {
        const head = pending.indexOf(HEAD_END);
        if (head < 0) return;
        const length = Number(/content-length: (\d+)/i.exec(pending)?.[1] ?? 0);
        const end = head + HEAD_END.length + length;
        if (pending.length < end) return;
        pending = pending.slice(end);
        if (latencyMs === 0) answer(socket);
        else later(socket);
      }
    });
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process.send?.(typeof address === 'object' ? address?.port : 0);
  });
  process.once('disconnect', () => process.exit(0));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) serve(Number(process.argv[2]));
