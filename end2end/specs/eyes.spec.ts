/** What eyes ask for: large text, more contrast, no motion, other directions of writing. And that axe looks at all. */
import type { Locator, Page } from '@playwright/test';

import { expectUsable } from '../support/audit.ts';
import { expect, test } from '../support/fixtures.ts';

/** Nothing is cut off at the side, and nobody has to scroll for it. */
async function expectNoScrollingAside(page: Page, state: string): Promise<void> {
  const surplus = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.scrollingElement!;
    return scrollWidth - clientWidth;
  });
  expect(surplus, `${state}: pixels that are cut off at the side`).toBeLessThanOrEqual(0);
}

const colour = (of: Locator): Promise<string> => of.evaluate((element) => getComputedStyle(element).backgroundColor);

test('axe finds a violation that somebody puts in', async ({ page, chat }) => {
  await expectUsable(page, 'as it is');
  await chat.field.evaluate((field) => field.after(document.createElement('input')));
  await expect(expectUsable(page, 'a field without a label')).rejects.toThrow(/label/);
});

// WCAG 2.2, 1.4.4 and 1.4.10: a window of 1280 by 720 at 200 % and at 400 %.
for (const [zoom, viewport] of Object.entries({ '200 %': { width: 640, height: 360 }, '400 %': { width: 320, height: 180 } })) {
  test(`at ${zoom} one can read and write`, async ({ page, chat, simulator }) => {
    await simulator.script({ match: 'everything', rate: 2000, no_thinking: true, table: true, code: true });
    await page.setViewportSize(viewport);
    await expectNoScrollingAside(page, 'a new conversation');
    await chat.ask('Show me everything, and a_very_long_word_that_nobody_would_ever_break_in_any_book_at_all');
    await chat.untilStatus('done');
    await expectNoScrollingAside(page, 'a conversation');
    await expect(chat.field).toBeInViewport({ ratio: 1 });
    await expect(chat.reply).toBeInViewport();
    const room = new URL(page.url()).pathname;
    for (const path of [`${room}/details`, '/rooms/new']) {
      await page.goto(path);
      await expectNoScrollingAside(page, path);
    }
  });
}

test('text of twice the size is not cut off', async ({ page, chat }) => {
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
  await chat.ask('Hello');
  await chat.untilStatus('done');
  await expectNoScrollingAside(page, 'text of twice the size');
  await expect(chat.field).toBeInViewport({ ratio: 1 });
});

test('colours of one’s own leave what is chosen and who says what', async ({ page, chat }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await chat.ask('Hello');
  await chat.untilStatus('done');
  const bubble = page.locator('.bubble').first();
  expect(await bubble.evaluate((element) => getComputedStyle(element).borderTopWidth)).toBe('1px');
  const theme = (name: string): Locator => page.getByRole('button', { name, exact: true });
  expect(await colour(theme('Auto'))).not.toBe(await colour(theme('Dark')));
  await expect(chat.field).toBeVisible();
});

test('without motion, nothing moves', async ({ page, chat, simulator }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await simulator.script({ match: 'slowly', rate: 100, gate: 'middle@5' });
  await chat.ask('Think slowly');
  await chat.untilStatus('thinking');
  const moving = await page.evaluate(() => document.getAnimations().filter((one) => one.playState === 'running').length);
  expect(moving).toBe(0);
  await simulator.release('middle');
  await chat.untilStatus('done');
});

test('what is written from the right begins there', async ({ page, chat, simulator }) => {
  await simulator.script({ match: 'Arabic', text: 'مرحبا بالعالم\n\nHello world', rate: 1000, no_thinking: true });
  await chat.ask('In Arabic, please');
  await chat.untilStatus('done');
  const ends = (words: string): Promise<{ left: number; right: number }> =>
    chat.reply.getByText(words).evaluate((element) => {
      const range = document.createRange();
      range.selectNodeContents(element);
      const [text, block] = [range.getBoundingClientRect(), element.getBoundingClientRect()];
      return { left: text.left - block.left, right: block.right - text.right };
    });
  const [arabic, english] = [await ends('مرحبا'), await ends('Hello world')];
  expect(arabic.right).toBeLessThan(1);
  expect(arabic.left).toBeGreaterThan(100);
  expect(english.left).toBeLessThan(1);
  expect(await page.locator('html').getAttribute('dir')).not.toBe('rtl');
  // So does what one writes oneself.
  const direction = (): Promise<string> => chat.field.evaluate((field) => getComputedStyle(field).direction);
  await chat.field.fill('مرحبا');
  expect(await direction()).toBe('rtl');
  await chat.field.fill('Hello');
  expect(await direction()).toBe('ltr');
});
