import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A way to a TCP server that can be made slow, or swallow everything without a word, as broken networks do. */
export class SlowLink {
  /** Real milliseconds that each piece is held up, either way. */
  latencyMs = 0;
  private frozen = false;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async to(host: string, port: number): Promise<SlowLink> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const link = new SlowLink(server, (server.address() as AddressInfo).port);
    server.on('connection', (near) => link.join(near, connect(port, host)));
    return link;
  }

  /** The address of a database, by this way. */
  static async toDatabase(url: string): Promise<{ link: SlowLink; url: string }> {
    const address = new URL(url);
    const link = await SlowLink.to(address.hostname, Number(address.port || '5432'));
    address.hostname = '127.0.0.1';
    address.port = String(link.port);
    return { link, url: address.href };
  }

  /** From now on nothing gets through, and no end is told: connections that carry anything meanwhile are lost for good. */
  freeze(): void {
    this.frozen = true;
  }

  /** Connections made from now on work; in the others nothing ever arrives. */
  thaw(): void {
    this.frozen = false;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(near: Socket, far: Socket): void {
    const alive = { value: !this.frozen };
    this.carry(near, far, alive);
    this.carry(far, near, alive);
  }

  private carry(from: Socket, to: Socket, alive: { value: boolean }): void {
    this.sockets.add(from);
    from.on('error', () => undefined);
    from.on('close', () => {
      this.sockets.delete(from);
      if (alive.value) to.destroy();
    });
    from.on('data', (piece: Buffer) => {
      if (this.frozen) alive.value = false;
      if (!alive.value) return;
      if (this.latencyMs === 0) return void to.write(piece);
      setTimeout(() => to.write(piece), this.latencyMs);
    });
  }
}
