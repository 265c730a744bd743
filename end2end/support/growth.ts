/** Watches the newest reply grow, frame by frame, from the first frame of a page. */
import type { Page } from '@playwright/test';

declare global {
  interface Window {
    growth?: number[];
  }
}

/** Must come before the page is loaded. */
export async function watchGrowth(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const lengths: number[] = [];
    window.growth = lengths;
    const look = (): void => {
      const texts = document.querySelectorAll('article[data-status] > .text');
      const length = texts[texts.length - 1]?.textContent?.length;
      if (length !== undefined && length !== lengths[lengths.length - 1]) lengths.push(length);
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

/** The distinct lengths seen so far, in order. */
export function growth(page: Page): Promise<number[]> {
  return page.evaluate(() => window.growth ?? []);
}
