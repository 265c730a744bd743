/** What the server draws for a page that is alive: code and formulas. */
import type { Page, Route } from '@playwright/test';

export interface Held {
  /** Requests that are held back. */
  asked: () => number;
  letGo: () => Promise<void>;
}

/** Holds back what the page asks to be drawn, until it is let go. */
export async function hold(page: Page): Promise<Held> {
  const routes: Route[] = [];
  let isHeld = true;
  await page.route('**/api/rich', async (route) => {
    if (isHeld) routes.push(route);
    else await route.continue();
  });
  return {
    asked: () => routes.length,
    letGo: async () => {
      isHeld = false;
      for (const route of routes) await route.continue();
    },
  };
}
