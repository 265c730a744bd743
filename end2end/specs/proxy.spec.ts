/** The fault proxy itself: what the other specs rest on. */
import net from 'node:net';

import { expect, test } from '@playwright/test';

import { FaultProxy } from '../proxy.ts';

/** A client that remembers what it got. */
class Client {
  readonly socket: net.Socket;
  received = '';
  error = '';
  isClosed = false;

  constructor(url: string) {
    this.socket = net.connect(Number(new URL(url).port), '127.0.0.1');
    this.socket.on('data', (data) => (this.received += String(data)));
    this.socket.on('error', (error: NodeJS.ErrnoException) => (this.error = error.code ?? 'unknown'));
    this.socket.on('close', () => (this.isClosed = true));
  }
}

let echo: net.Server;
let proxy: FaultProxy;

test.beforeEach(async () => {
  echo = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => socket.write(data));
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  proxy = await FaultProxy.start(`http://127.0.0.1:${(echo.address() as net.AddressInfo).port}`);
});

test.afterEach(async () => {
  await proxy.stop();
  echo.close();
});

test('the proxy passes everything, in order', async () => {
  const client = new Client(proxy.url);
  const words = Array.from({ length: 2_000 }, (_, index) => `${index} `);
  for (const word of words) client.socket.write(word);
  await expect.poll(() => client.received).toBe(words.join(''));
  expect([proxy.open, proxy.accepted]).toEqual([1, 1]);
  client.socket.destroy();
  await expect.poll(() => proxy.open).toBe(0);
});

test('the proxy cuts, and takes new connections', async () => {
  const client = new Client(proxy.url);
  client.socket.write('a');
  await expect.poll(() => client.received).toBe('a');
  proxy.cut();
  await expect.poll(() => [client.isClosed, client.error]).toEqual([true, 'ECONNRESET']);
  const next = new Client(proxy.url);
  next.socket.write('b');
  await expect.poll(() => next.received).toBe('b');
});

test('the proxy refuses until it accepts again', async () => {
  const client = new Client(proxy.url);
  await expect.poll(() => proxy.open).toBe(1);
  await proxy.refuse();
  await expect.poll(() => client.isClosed).toBe(true);
  const refused = new Client(proxy.url);
  await expect.poll(() => refused.error).toBe('ECONNREFUSED');
  await proxy.accept();
  const next = new Client(proxy.url);
  next.socket.write('c');
  await expect.poll(() => next.received).toBe('c');
});

test('the proxy swallows everything until that is lifted', async () => {
  const client = new Client(proxy.url);
  client.socket.write('a');
  await expect.poll(() => client.received).toBe('a');
  proxy.blackhole();
  client.socket.write('b');
  const other = new Client(proxy.url);
  other.socket.write('c');
  await expect.poll(() => proxy.accepted).toBe(2);
  expect([client.received, other.received]).toEqual(['a', '']);
  proxy.lift();
  await expect.poll(() => [client.received, other.received]).toEqual(['ab', 'c']);
});

test('the proxy delays', async () => {
  proxy.delay(150);
  const client = new Client(proxy.url);
  const begin = performance.now();
  client.socket.write('a');
  await expect.poll(() => client.received, { intervals: [5] }).toBe('a');
  expect(performance.now() - begin).toBeGreaterThan(290);
});
