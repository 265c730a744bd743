/**
 * An HTTP proxy as some networks have one: it lets no WebSocket through and may hold streams back. It reads the
 * requests, so a test can also ask it what a page sent.
 */
import http from 'node:http';
import net from 'node:net';

/** What becomes of an answer that never ends: it passes as it comes, comes as a whole at its end, or is refused. */
export type Streams = 'pass' | 'hold' | 'refuse';

export class Gateway {
  isSocketBlocked = true;
  streams: Streams = 'pass';
  /** Paths of the requests so far. */
  readonly requests: string[] = [];
  readonly #server: http.Server;
  readonly #sockets = new Set<net.Socket>();

  private constructor(private readonly target: URL) {
    this.#server = http.createServer((request, response) => this.#forward(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as net.Socket, head));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(target: string): Promise<Gateway> {
    const gateway = new Gateway(new URL(target));
    await new Promise<void>((resolve) => gateway.#server.listen(0, '127.0.0.1', resolve));
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as net.AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #forward(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { method, url: path = '/', headers } = request;
    this.requests.push(path);
    const isStream = path === '/api/events';
    if (isStream && this.streams === 'refuse') {
      request.resume();
      response.writeHead(502).end();
      return;
    }
    const { hostname: host, port } = this.target;
    const upstream = http.request({ host, port, method, path, headers }, (answer) => {
      const { statusCode = 502 } = answer;
      if (!isStream || this.streams === 'pass') {
        response.writeHead(statusCode, answer.headers);
        response.flushHeaders();
        answer.pipe(response);
        return;
      }
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () => response.writeHead(statusCode, answer.headers).end(Buffer.concat(pieces)));
      answer.on('error', () => response.destroy());
    });
    upstream.on('error', () => response.destroy());
    response.on('close', () => upstream.destroy());
    request.pipe(upstream);
  }

  #upgrade(request: http.IncomingMessage, client: net.Socket, head: Buffer): void {
    this.requests.push(request.url ?? '');
    if (this.isSocketBlocked) {
      client.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    const server = net.connect(Number(this.target.port), this.target.hostname, () => {
      const lines = [`${request.method} ${request.url} HTTP/1.1`];
      for (let index = 0; index < request.rawHeaders.length; index += 2) {
        lines.push(`${request.rawHeaders[index]}: ${request.rawHeaders[index + 1]}`);
      }
      server.write(`${lines.join('\r\n')}\r\n\r\n`);
      server.write(head);
      server.pipe(client).pipe(server);
    });
    server.on('error', () => client.destroy());
    client.on('error', () => server.destroy());
  }
}
