/** How somebody who looks elsewhere is told. The system's own notifications are outside, so a page notes them here. */
import type { Page } from '@playwright/test';

import { unreadIn } from '../support/attention.ts';
import { Chat } from '../support/chat.ts';
import { expect, test } from '../support/fixtures.ts';
import { newPerson } from '../support/people.ts';
import { createGroup, openGroup, say } from '../support/rooms.ts';

declare global {
  interface Window {
    notes?: string[];
    asked?: number;
  }
}

/** Must come before the page is loaded. */
async function noteNotifications(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.notes = [];
    window.asked = 0;
    class Noted {
      static permission = 'default';
      static async requestPermission(): Promise<string> {
        window.asked = (window.asked ?? 0) + 1;
        Noted.permission = 'granted';
        return Noted.permission;
      }
      onclick: (() => void) | null = null;
      constructor(title: string, options: { body: string }) {
        window.notes!.push(`${title}: ${options.body}`);
      }
    }
    Object.defineProperty(window, 'Notification', { value: Noted, configurable: true });
  });
}

async function hide(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, isHidden ? 'hidden' : 'visible');
}

test('the title and the icon count what waits', async ({ chat, page, somebodyElse }) => {
  const { others } = await openGroup(chat, 'Choir', ['Budi'], somebodyElse);
  const [budi] = others as [typeof chat];
  await budi.open('/');
  const title = await budi.page.title();
  await say(chat, 'Just so');
  await expect(unreadIn(budi, '1 unread')).toBeVisible();
  await expect(budi.page).toHaveTitle(title);
  await say(chat, 'Rehearsal at six, @Budi');
  await expect(budi.page).toHaveTitle(`(1) ${title}`);
  await expect(budi.page.locator('link[rel=icon]')).toHaveAttribute('href', '/favicon-unread.svg');
  await budi.rooms.getByRole('link', { name: /^Choir/ }).click();
  await expect(budi.page).toHaveTitle('Choir · SiteSpark');
  await expect(budi.page.locator('link[rel=icon]')).toHaveAttribute('href', '/favicon.svg');
  await expect(page).toHaveTitle('Choir · SiteSpark');
});

test('notifications come only to who asked, and of what each room is to tell', async ({ chat, somebodyElse }) => {
  const person = newPerson('Budi');
  const budi = new Chat(await somebodyElse(person));
  await noteNotifications(budi.page);
  const room = await createGroup(chat.page.request, 'Choir', [person.email]);
  for (const each of [chat, budi]) await each.open(`/room/${room}`);
  const notes = (): Promise<string[]> => budi.page.evaluate(() => window.notes ?? []);
  const unread = async (count: number): Promise<void> => expect(unreadIn(budi, `${count} unread`)).toBeVisible();

  await hide(budi.page, true);
  await say(chat, 'One, @Budi');
  await unread(1);
  expect(await notes()).toEqual([]);
  expect(await budi.page.evaluate(() => window.asked)).toBe(0);

  await hide(budi.page, false);
  await budi.page.getByLabel('Notify me, with a sound').check();
  await expect.poll(() => budi.page.evaluate(() => window.asked)).toBe(1);
  await expect(unreadIn(budi)).toHaveCount(0);
  await hide(budi.page, true);
  await say(chat, 'Two, @Budi');
  await expect.poll(notes).toEqual(['Choir: You were mentioned.']);
  await say(chat, 'Three');
  await unread(2);
  expect(await notes()).toHaveLength(1);

  // This room is to tell everything, then nothing.
  await hide(budi.page, false);
  const notify = async (words: string): Promise<void> => {
    await budi.page.locator('.about > summary').click();
    await budi.page.getByRole('group', { name: 'Notify me of' }).getByRole('button', { name: words }).click();
    await expect(budi.page.getByRole('button', { name: words })).toHaveAttribute('aria-pressed', 'true');
    await budi.page.locator('.about > summary').click();
  };
  await notify('Everything');
  await expect(unreadIn(budi)).toHaveCount(0);
  await hide(budi.page, true);
  await say(chat, 'Four');
  await expect.poll(notes).toEqual(['Choir: You were mentioned.', 'Choir: A new message.']);
  await hide(budi.page, false);
  await notify('Nothing');
  await expect(unreadIn(budi)).toHaveCount(0);
  await hide(budi.page, true);
  await say(chat, 'Five, @Budi');
  await unread(1);
  expect(await notes()).toHaveLength(2);
});
