/**
 * How a room of 10,000 messages opens and scrolls, beside one of 50: times, DOM nodes and memory, as medians with their
 * spread. Only the bound of DOM nodes can fail; times are for reading.
 */
import { randomUUID } from 'node:crypto';

import { expect, type APIRequestContext, type Page, test } from '@playwright/test';

import { newPerson, register } from './support/people.ts';
import { type Service, startServer } from './support/processes.ts';

const MESSAGES = Number(process.env.MESSAGES ?? 10_000);
const PEOPLE = 10;
const REPEATS = 5;
const PAGES = 30;
const MOST_NODES = 3_000;
/** Requests at the same time while the room is filled. */
const AT_ONCE = 8;

let server: Service;

test.beforeAll(async () => {
  server = await startServer({ SITESPARK_MESSAGES_PER_MINUTE: '1000000' });
});
test.afterAll(() => server.stop());

async function command(request: APIRequestContext, type: string, payload: object): Promise<void> {
  const response = await request.post(`${server.url}/api/commands`, { data: { type, id: randomUUID(), payload } });
  const answer = (await response.json()) as { type: string };
  expect(answer.type, JSON.stringify(answer)).toBe('ack');
}

/** A room of several people with so many messages, each of a sentence or two. */
async function fill(people: APIRequestContext[], names: string[], count: number): Promise<string> {
  const room = randomUUID();
  const [owner] = people as [APIRequestContext];
  await command(owner, 'room:create', { room, title: `${count} messages`, kind: 'group', with: names.slice(1) });
  await command(owner, 'room:change', { room, kimi: 'silent' });
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < count) {
      const number = next++;
      const text = `Message ${number}: the quick brown fox *jumps* over the lazy dog, and \`then\` goes on to something else.`;
      await command(people[number % people.length]!, 'chat:message', { room, text });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, write));
  return room;
}

function median(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const format = (value: number): string => value.toFixed(value < 100 ? 1 : 0);
  return `${format(sorted[Math.floor(sorted.length / 2)]!)} (${format(sorted[0]!)} to ${format(sorted.at(-1)!)})`;
}

const nodes = (page: Page): Promise<number> => page.evaluate(() => document.querySelectorAll('*').length);

async function memory(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  const wasm = await page.evaluate(
    () => performance.getEntriesByType('resource').filter((entry) => entry.name.endsWith('.wasm')).length,
  );
  return wasm > 0 ? usedSize / 1024 / 1024 : Number.NaN;
}

/** Until the page is alive and shows the first or the last message of what it was sent. */
async function open(page: Page, path: string, shown: 'first' | 'last'): Promise<number> {
  await page.goto('about:blank');
  const began = performance.now();
  await page.goto(`${server.url}${path}`);
  await expect(page.locator('html')).toHaveAttribute('data-live', '');
  const messages = page.locator('article[data-message]');
  await expect(shown === 'first' ? messages.first() : messages.last()).toBeInViewport();
  return performance.now() - began;
}

test('open and scroll', async ({ browser }) => {
  const contexts = await Promise.all(Array.from({ length: PEOPLE }, () => browser.newContext({ baseURL: server.url })));
  const people = contexts.map((context) => context.request);
  const persons = people.map((_, number) => newPerson(`Person ${number}`));
  await Promise.all(people.map((request, number) => register(request, persons[number]!)));
  const emails = persons.map((person) => person.email);
  const small = await fill(people, emails, 50);
  const began = performance.now();
  const big = await fill(people, emails, MESSAGES);
  console.log(`${MESSAGES} messages written in ${((performance.now() - began) / 1000).toFixed(1)} s`);

  const page = await contexts[0]!.newPage();
  for (const [name, room] of [
    ['50', small],
    [String(MESSAGES), big],
  ] as const) {
    const times: number[] = [];
    const reads: number[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      times.push(await open(page, `/room/${room}`, 'last'));
      const readBegan = performance.now();
      await (await people[0]!.get(`/api/room?room=${room}`)).body();
      reads.push(performance.now() - readBegan);
    }
    console.log(
      `room of ${name}: opened in ${median(times)} ms, snapshot read in ${median(reads)} ms, ` +
        `${await nodes(page)} DOM nodes, ${(await memory(page)).toFixed(1)} MB of JS heap`,
    );
  }

  // Up through the history, as a reader scrolls, then to the beginning by its date, and back to the end.
  const first = page.locator('article[data-message]').first();
  const scrolls: number[] = [];
  let most = 0;
  for (let number = 0; number < PAGES; number++) {
    const before = await first.getAttribute('data-message');
    const scrollBegan = performance.now();
    await page.locator('.messages').evaluate((scroller) => scroller.scrollTo(0, 0));
    await expect.poll(() => first.getAttribute('data-message'), { intervals: [5] }).not.toBe(before);
    scrolls.push(performance.now() - scrollBegan);
    most = Math.max(most, await nodes(page));
  }
  console.log(
    `${PAGES} pages up: ${median(scrolls)} ms each, at most ${most} DOM nodes, ${(await memory(page)).toFixed(1)} MB of JS heap`,
  );
  const jumps: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    jumps.push(await open(page, `/room/${big}?date=2020-01-01`, 'first'));
    await expect(first).toContainText('Message ');
  }
  console.log(`to the first day: ${median(jumps)} ms, ${await nodes(page)} DOM nodes`);
  most = Math.max(most, await nodes(page));
  expect(most, 'DOM nodes').toBeLessThanOrEqual(MOST_NODES);
  for (const context of contexts) await context.close();
});
