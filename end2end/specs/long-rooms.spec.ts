/** A room of which a page holds only a stretch: it moves with the reader, and what they look at does not. */
import { randomUUID } from 'node:crypto';

import type { APIRequestContext, Locator, Page } from '@playwright/test';

import { unreadIn } from '../support/attention.ts';
import { Chat } from '../support/chat.ts';
import { expect, test } from '../support/fixtures.ts';
import { newPerson, register } from '../support/people.ts';
import { command, createGroup } from '../support/rooms.ts';

/** More than a page holds, and no more of one person than the limit for a minute. */
const MESSAGES = 240;
const AUTHORS = ['Budi', 'Citra', 'Dewi'];
const MOST_HELD = 150;

// One room for all tests: none of them changes what is in it, they only add to its end.
test.describe.configure({ mode: 'default' });

let authors: APIRequestContext[] = [];
let room = '';
/** The identifiers of the messages, in their order. */
const diary: string[] = [];

test.beforeAll(async ({ services, playwright }) => {
  const baseURL = services.server.url;
  authors = await Promise.all(AUTHORS.map(() => playwright.request.newContext({ baseURL })));
  const persons = AUTHORS.map((name) => newPerson(name));
  for (const [index, person] of persons.entries()) await register(authors[index]!, person);
  const others = persons.slice(1).map((person) => person.email);
  room = await createGroup(authors[0]!, 'Diary', others);
  for (let number = 0; number < MESSAGES; number++) {
    const text = `Entry ${number}: a few words about the day`;
    diary.push(await command(authors[number % authors.length]!, 'chat:message', { room, text }));
  }
});

test.afterAll(async () => {
  for (const author of authors) await author.dispose();
});

/** Opens the room, or a place in it, for somebody who has just come to it. */
async function open(chat: Chat, email: string, place = ''): Promise<void> {
  await command(authors[0]!, 'room:add', { room, who: email, role: 'member' });
  await chat.open(`/room/${room}${place}`);
}

const entry = (page: Page, number: number): Locator => page.locator(`[data-message="${diary[number]}"]`);
const linkTo = (number: number): string => `?message=${diary[number]}#m-${diary[number]}`;
const rows = (page: Page): Locator => page.locator('article[data-message]');
const toEnd = (page: Page): Locator => page.getByRole('button', { name: /^Jump to the latest message/ });

/**
 * Scrolls to where more is loaded. The answer waits until it is there, and tells by how many pixels what the reader
 * looks at was moved by it, at most, in all frames that were painted meanwhile.
 */
async function scrollNear(page: Page, end: 'top' | 'bottom'): Promise<number> {
  const edge = end === 'top' ? rows(page).first() : rows(page).last();
  const before = await edge.getAttribute('data-message');
  const moved = await page.locator('.messages').evaluateHandle((scroller, end) => {
    scroller.scrollTop = end === 'top' ? 200 : scroller.scrollHeight - scroller.clientHeight - 200;
    const top = scroller.getBoundingClientRect().top;
    const articles = [...scroller.querySelectorAll('article[data-message]')];
    const looked = articles.find((article) => article.getBoundingClientRect().bottom > top)!;
    const place = looked.getBoundingClientRect().top;
    const moved = { most: 0 };
    // It is told of sizes after everything else that a frame does, and before it is painted.
    new ResizeObserver(() => {
      moved.most = Math.max(moved.most, Math.abs(looked.getBoundingClientRect().top - place));
    }).observe(scroller.querySelector('.column')!);
    return moved;
  }, end);
  await expect.poll(() => edge.getAttribute('data-message')).not.toBe(before);
  await page.evaluate(() => new Promise(requestAnimationFrame));
  return moved.evaluate(({ most }) => most);
}

test('a long room is loaded upwards and downwards, and nothing moves by it', async ({ chat, page, person }) => {
  await open(chat, person.email);
  await expect(entry(page, MESSAGES - 1)).toBeInViewport();
  await expect(entry(page, 0)).toHaveCount(0);
  for (const end of ['top', 'bottom'] as const) {
    const goal = entry(page, end === 'top' ? 0 : MESSAGES - 1);
    let loads = 0;
    while ((await goal.count()) === 0) {
      expect(await scrollNear(page, end), `pixels that it moved while more came at the ${end}`).toBeLessThanOrEqual(1);
      expect(await rows(page).count(), 'rows that are held').toBeLessThanOrEqual(MOST_HELD);
      expect(++loads, 'stretches that were loaded').toBeLessThan(10);
    }
    await page.locator('.messages').evaluate((scroller, end) => {
      scroller.scrollTop = end === 'top' ? 0 : scroller.scrollHeight;
    }, end);
    await expect(goal).toBeInViewport();
    // Nothing was left out on the way.
    const held = await rows(page).evaluateAll((all) => all.map((row) => row.getAttribute('data-message')!));
    const first = diary.indexOf(held[0]!);
    const known = held.filter((id) => diary.includes(id));
    expect(known).toEqual(diary.slice(first, first + known.length));
    if (end === 'top') await expect(entry(page, MESSAGES - 1), 'too far away to be held').toHaveCount(0);
  }
});

test('a permanent link opens its message, far up in a long room, and marks it', async ({ chat, page, person }) => {
  await open(chat, person.email, linkTo(20));
  await expect(entry(page, 20)).toBeInViewport();
  await expect(entry(page, 20)).toHaveAttribute('data-aimed', '');
  await expect(entry(page, 20)).toBeFocused();
  await expect(page.locator('[data-aimed]')).toHaveCount(1);
  await expect(entry(page, MESSAGES - 1)).toHaveCount(0);
  await toEnd(page).click();
  await expect(rows(page).last()).toBeInViewport();
  await expect(entry(page, MESSAGES - 1)).toHaveCount(1);
  await expect(toEnd(page)).toBeHidden();
});

test('what comes while somebody reads further up moves nothing, and is counted', async ({ chat, page, person }) => {
  await open(chat, person.email, linkTo(120));
  await expect(entry(page, 120)).toBeFocused();
  await expect(toEnd(page)).toHaveAccessibleName('Jump to the latest message');
  const place = (): Promise<number> => entry(page, 120).evaluate((row) => row.getBoundingClientRect().top);
  const before = await place();
  const texts = [1, 2].map((number) => `Breaking news ${number}, ${randomUUID()}`);
  for (const text of texts) await command(authors[0]!, 'chat:message', { room, text });
  await expect(toEnd(page)).toHaveAccessibleName('Jump to the latest message, 2 are new');
  expect(await place()).toBe(before);
  await toEnd(page).click();
  await expect(rows(page).filter({ hasText: texts[1]! })).toBeInViewport();
  await expect(unreadIn(chat)).toHaveCount(0);
});

test('a quote leads to a message that is not loaded yet', async ({ chat, page, person }) => {
  const text = `Do you remember? ${randomUUID()}`;
  await command(authors[1]!, 'chat:message', { room, text, reply_to: diary[1] });
  await open(chat, person.email);
  const answer = rows(page).filter({ hasText: text });
  await answer.getByRole('link', { name: 'a message further up' }).click();
  await expect(entry(page, 1)).toBeInViewport();
  await expect(entry(page, 1)).toBeFocused();
  await expect(entry(page, 1)).toHaveAttribute('data-aimed', '');
});

test('a day leads to its first message; a day or a message that is not there, to the newest', async ({
  chat,
  page,
  person,
}) => {
  await open(chat, person.email, '?date=2020-01-01');
  await expect(entry(page, 0)).toBeInViewport();
  await expect(entry(page, MESSAGES - 1)).toHaveCount(0);
  for (const place of ['?date=2999-12-31', `?message=${randomUUID()}`]) {
    const response = await page.goto(`/room/${room}${place}`);
    expect(response?.status()).toBe(200);
    await chat.untilLive();
    await expect(rows(page).last(), place).toBeInViewport();
    await expect(entry(page, MESSAGES - 1)).toHaveCount(1);
    await expect(toEnd(page)).toBeHidden();
  }
});
