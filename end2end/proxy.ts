/**
 * A TCP proxy that breaks connections the way networks do: it cuts them, refuses new ones, swallows everything, or
 * is slow. It knows nothing of HTTP. A test puts it between the browser and the server and drives it.
 */
import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Below the range that systems take client ports from: a port that is refused for a while must not be taken by
 * somebody's outgoing connection in the meantime.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 29_999;

interface Pair {
  client: net.Socket;
  server: net.Socket;
}

export class FaultProxy {
  #listener: net.Server | undefined;
  #port = 0;
  #pairs = new Set<Pair>();
  #delay = 0;
  #isBlackhole = false;
  #lifted: Array<() => void> = [];
  #accepted = 0;

  private constructor(private target: URL) {}

  /** Starts a proxy on a free port in front of `target`, such as `http://127.0.0.1:3000`. */
  static async start(target: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(new URL(target));
    for (let attempt = 0; attempt < 100; attempt += 1) {
      proxy.#port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
      try {
        await proxy.accept();
        return proxy;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      }
    }
    throw new Error('no free port for the proxy');
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Connections that were accepted so far. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#pairs.size;
  }

  /** New connections go there from now on: the server was started again. */
  retarget(target: string): void {
    this.target = new URL(target);
  }

  /** Resets every open connection at once; new ones are welcome. */
  cut(): void {
    for (const pair of this.#pairs) {
      pair.client.resetAndDestroy();
      pair.server.resetAndDestroy();
    }
    this.#pairs.clear();
  }

  /** Resets every open connection, and refuses new ones until `accept`. */
  async refuse(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    const closed = new Promise<void>((resolve) => (listener ? listener.close(() => resolve()) : resolve()));
    this.cut();
    await closed;
  }

  /** Takes connections (again). */
  async accept(): Promise<void> {
    if (this.#listener) return;
    const listener = net.createServer((client) => this.#connect(client));
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#listener = listener;
  }

  /** Refuses for so many milliseconds. */
  async refuseFor(milliseconds: number): Promise<void> {
    await this.refuse();
    await wait(milliseconds);
    await this.accept();
  }

  /** From now on nothing passes, in either direction, and nobody is told: like a cable that is pulled. */
  blackhole(): void {
    this.#isBlackhole = true;
  }

  /** What was held back arrives, as TCP sends again what was lost. */
  lift(): void {
    this.#isBlackhole = false;
    for (const resume of this.#lifted.splice(0)) resume();
  }

  /** From now on everything takes so many milliseconds longer in each direction. */
  delay(milliseconds: number): void {
    this.#delay = milliseconds;
  }

  async stop(): Promise<void> {
    this.lift();
    await this.refuse();
  }

  async #passable(): Promise<void> {
    while (this.#isBlackhole) await new Promise<void>((resolve) => this.#lifted.push(resolve));
  }

  #connect(client: net.Socket): void {
    this.#accepted += 1;
    const server = net.connect({ host: this.target.hostname, port: Number(this.target.port), noDelay: true });
    const pair = { client, server };
    this.#pairs.add(pair);
    client.setNoDelay(true);
    this.#pipe(client, server, pair);
    this.#pipe(server, client, pair);
  }

  /** Writes to `to`, in order, what comes from `from`, as late as the faults of the moment ask. */
  #pipe(from: net.Socket, to: net.Socket, pair: Pair): void {
    let last = Promise.resolve();
    const pass = (act: () => void): void => {
      const due = this.#delay > 0 ? wait(this.#delay) : undefined;
      last = last.then(async () => {
        await due;
        await this.#passable();
        act();
      });
    };
    from.on('data', (data) => pass(() => to.destroyed || to.write(data)));
    from.on('end', () => pass(() => to.destroyed || to.end()));
    from.on('error', () => to.destroy());
    from.on('close', () => {
      pass(() => {
        to.destroy();
        this.#pairs.delete(pair);
      });
    });
  }
}
