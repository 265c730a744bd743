/** Whether somebody looks at a page, and what the system shows to whoever does not: both are outside of it. */
import type { Locator, Page } from '@playwright/test';

import type { Chat } from './chat.ts';

interface Stub {
  /** How often the system asked the person whether notifications may come. */
  asked: number;
  /** What it showed, as `title: words`. */
  shown: string[];
  press: (() => void)[];
}

declare global {
  interface Window {
    system: Stub;
  }
}

/** Puts a system into the page that answers so when it is asked. Must come before the page is loaded. */
export async function stubNotifications(page: Page, answer: NotificationPermission): Promise<void> {
  await page.addInitScript((answer) => {
    // It remembers its answer over reloads, as a browser does.
    const kept = 'test-permission';
    const system: Stub = { asked: 0, shown: [], press: [] };
    window.system = system;
    class Stubbed {
      onclick: (() => void) | null = null;
      static get permission(): string {
        return sessionStorage.getItem(kept) ?? 'default';
      }
      static async requestPermission(): Promise<string> {
        system.asked += 1;
        sessionStorage.setItem(kept, answer);
        return answer;
      }
      constructor(title: string, options: NotificationOptions) {
        system.shown.push(`${title}: ${options.body}`);
        system.press.push(() => this.onclick?.());
      }
    }
    Object.defineProperty(window, 'Notification', { value: Stubbed, configurable: true });
  }, answer);
}

export const asked = (page: Page): Promise<number> => page.evaluate(() => window.system.asked);

export const notifications = (page: Page): Promise<string[]> => page.evaluate(() => window.system.shown);

/** Presses the newest of the notifications. */
export const pressNotification = (page: Page): Promise<void> => page.evaluate(() => window.system.press.at(-1)!());

/** The room in the list, with this and nothing else said of what is unread in it. */
export function listed(chat: Chat, title: string, unread: string): Locator {
  return chat.rooms.getByRole('link', { name: `${title}, ${unread}`, exact: true });
}

/** The rooms in the list that have something unread, of which this is said. */
export function unreadIn(chat: Chat, words = 'unread'): Locator {
  return chat.rooms.getByRole('link', { name: words });
}

/** Another tab or window comes before the page, or goes away again. */
export async function lookAway(page: Page, isAway = true): Promise<void> {
  await page.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, isAway ? 'hidden' : 'visible');
}
