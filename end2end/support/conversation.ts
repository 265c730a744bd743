/**
 * A conversation as the server stores it, and as pages show it. Both are read from outside: the stored text through
 * the endpoint that the page itself uses, the shown one from any document, live or as the server sent it.
 */
import { expect, type Page } from '@playwright/test';

export interface StoredMessage {
  id: string;
  text?: string;
  thinking?: string;
  /** Of the AI's messages only. */
  run?: { status: string; stopped_by?: string; text_length: number };
}

/** One message on the screen: its own marks left out, every element and character of its text kept. */
export interface ShownMessage {
  id: string;
  status: string | null;
  thinking: string | null;
  text: string;
}

export function roomOf(page: Page): string {
  const id = /\/room\/([0-9a-f-]{36})/.exec(page.url())?.[1];
  if (id === undefined) throw new Error(`not in a room: ${page.url()}`);
  return id;
}

/** The messages of the room, oldest first, by the endpoint that pages load rooms from. */
export async function stored(page: Page, room = roomOf(page)): Promise<StoredMessage[]> {
  const response = await page.request.get(`/api/room?room=${room}`);
  expect(response.status(), `GET /api/room: ${await response.text()}`).toBe(200);
  return ((await response.json()) as { messages: StoredMessage[] }).messages;
}

export async function storedReply(page: Page, room = roomOf(page)): Promise<StoredMessage> {
  const reply = (await stored(page, room)).findLast((message) => message.run !== undefined);
  if (reply === undefined) throw new Error('there is no reply');
  return reply;
}

/** The conversation in `html`, or in the page as it is now. Runs in the browser, so it stands alone. */
function read(html: string | null): ShownMessage[] {
  const root = html === null ? document : new DOMParser().parseFromString(html, 'text/html');
  const outline = (node: Node): string => {
    if (node.nodeType === Node.TEXT_NODE) return node.nodeValue ?? '';
    if (!(node instanceof Element)) return '';
    const inside = Array.from(node.childNodes, outline).join('');
    return `<${node.localName}>${inside}</${node.localName}>`;
  };
  const inner = (element: Element | null): string | null =>
    element === null ? null : Array.from(element.childNodes, outline).join('');
  return Array.from(root.querySelectorAll('article[data-message]'), (article) => ({
    id: article.getAttribute('data-message') ?? '',
    status: article.getAttribute('data-status'),
    thinking: inner(article.querySelector(':scope > .thinking > .text')),
    text: inner(article.querySelector(':scope > .text, :scope > .bubble')) ?? '',
  }));
}

export function shown(page: Page): Promise<ShownMessage[]> {
  return page.evaluate(read, null);
}

/** The same from a page that the server draws. */
export function shownIn(page: Page, html: string): Promise<ShownMessage[]> {
  return page.evaluate(read, html);
}

/** What a second page load shows, before any script of it runs. */
export async function shownByServer(page: Page): Promise<ShownMessage[]> {
  const response = await page.request.get(page.url());
  expect(response.status()).toBe(200);
  return shownIn(page, await response.text());
}

/** Proves that what is on the screen is what the server has, to the last element. */
export async function expectShownAsStored(page: Page): Promise<void> {
  const expected = await shownByServer(page);
  expect(expected.length, 'messages drawn by the server').toBeGreaterThan(0);
  await expect.poll(() => shown(page), { message: 'the page shows what the server draws' }).toEqual(expected);
}
