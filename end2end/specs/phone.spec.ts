import { expect, test } from '../support/fixtures.ts';
import type { Page } from '@playwright/test';

test.use({ viewport: { width: 360, height: 740 }, hasTouch: true });

/** Nothing makes the page wider than the screen; tables and code may scroll inside themselves. */
async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const wide = await page.evaluate(() => {
    const places = [document.documentElement, document.body, ...document.querySelectorAll('main, .messages, .column')];
    return places
      .filter((place) => place.scrollWidth > place.clientWidth)
      .map((place) => `${place.localName}.${place.className}: ${place.scrollWidth} > ${place.clientWidth}`);
  });
  expect(wide).toEqual([]);
}

test('the menu opens and closes', async ({ chat, page }) => {
  await chat.ask('A small screen\n/sim rate=0 thinking_rate=0');
  await chat.untilStatus('done');
  await expectNoSidewaysScroll(page);
  const button = page.locator('label[for=menu]').first();
  const opener = page.locator('label.menu-button');
  await expect(opener).toBeVisible();
  await expect(chat.rooms).not.toBeInViewport();
  await opener.click();
  await expect(chat.roomLink('A small screen')).toBeInViewport();
  await expectNoSidewaysScroll(page);

  await page.locator('label.backdrop').click({ position: { x: 350, y: 400 } });
  await expect(chat.rooms).not.toBeInViewport();
  await expect(button).toBeAttached();

  // With the keyboard: the control behind the button can be reached and switched.
  await page.getByRole('checkbox', { name: 'Show the list of conversations' }).focus();
  await page.keyboard.press('Space');
  await expect(chat.roomLink('A small screen')).toBeInViewport();
  await page.keyboard.press('Space');
  await expect(chat.rooms).not.toBeInViewport();
});

test('choosing in the menu closes it', async ({ chat, page }) => {
  await chat.ask('Far away\n/sim rate=0 thinking_rate=0');
  await chat.untilStatus('done');
  await page.locator('label.menu-button').click();
  await chat.rooms.getByRole('link', { name: 'New conversation' }).click();
  await expect(page).toHaveURL('/');
  await expect(chat.rooms).not.toBeInViewport();
  await page.locator('label.menu-button').click();
  await chat.roomLink('Far away').click();
  await expect(page).toHaveURL(/\/room\//);
  await expect(chat.rooms).not.toBeInViewport();
  await expect(chat.said).toBeVisible();
});

test('nothing scrolls sideways', async ({ chat, page, simulator }) => {
  const word = 'unbreakable'.repeat(30);
  const table = `| ${Array.from({ length: 12 }, (_, column) => `column ${column}`).join(' | ')} |`;
  const text = [
    `# ${word}`,
    word,
    `\`${word}\``,
    `- ${word}`,
    `> ${word}`,
    `https://example.org/${word}`,
    `${table}\n|${'---|'.repeat(12)}\n${table}`,
    `\`\`\`rust\nlet line = "${word}";\n\`\`\``,
    `1. 漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字`,
  ].join('\n\n');
  await expectNoSidewaysScroll(page);
  await simulator.script({ match: 'wide', text, thinking: text, rate: 0, thinking_rate: 0 });
  await chat.ask(`wide ${word}\n\n\`\`\`\n${word}\n\`\`\``);
  await chat.untilStatus('done');
  await expect(chat.replyText.locator('table')).toBeVisible();
  await expectNoSidewaysScroll(page);
  await chat.reply.locator('details.thinking summary').click();
  await expectNoSidewaysScroll(page);
  // The composer stays within reach.
  await expect(chat.field).toBeInViewport();
  await expect(chat.send).toBeInViewport();
});

test('the account forms fit', async ({ page }) => {
  for (const path of ['/sign-in', '/register']) {
    await page.goto(path);
    await expectNoSidewaysScroll(page);
    await expect(page.locator('button.primary')).toBeInViewport();
  }
});
