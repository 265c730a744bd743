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

test('the focus is never behind the menu, nor lost with it', async ({ chat, page }) => {
  await chat.ask('Far away\n/sim rate=0 thinking_rate=0');
  await chat.untilStatus('done');
  const control = page.getByRole('checkbox', { name: 'Show the list of conversations' });
  await control.focus();
  await page.keyboard.press('Space');
  await expect(chat.roomLink('Far away')).toBeInViewport();
  await page.keyboard.press('Escape');
  await expect(chat.rooms).not.toBeInViewport();
  await expect(control).toBeFocused();

  await page.keyboard.press('Space');
  await chat.rooms.getByRole('link', { name: 'New conversation' }).focus();
  await page.keyboard.press('Enter');
  await expect(chat.rooms).not.toBeInViewport();
  await expect(page.getByRole('heading', { level: 1, includeHidden: true })).toBeFocused();

  await control.focus();
  await page.keyboard.press('Space');
  await chat.rooms.locator('.sidebar-foot button:visible').last().focus();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('main').locator(':focus')).toHaveCount(1);
  await expect(chat.rooms).not.toBeInViewport();
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

test('what is written first stays in view, however long', async ({ chat, page }) => {
  await chat.field.fill('A line\n'.repeat(40));
  await expect(chat.send).toBeInViewport({ ratio: 1 });
  await expect(chat.hint).toBeInViewport({ ratio: 1 });
  await expect(page.locator('label.menu-button')).toBeInViewport({ ratio: 1 });
});

test('the account forms fit', async ({ page }) => {
  for (const path of ['/sign-in', '/register']) {
    await page.goto(path);
    await expectNoSidewaysScroll(page);
    await expect(page.locator('button.primary')).toBeInViewport();
  }
});

test('a finger presses what is below it, and the toolbar comes after that', async ({ chat, page, simulator }) => {
  const text = `The rain comes on Sunday, they say.\n\n\`\`\`sh\n${'echo a long line; '.repeat(9)}\n\`\`\``;
  await simulator.script({ match: 'the rain', text, rate: 0, no_thinking: true });
  await chat.ask('When does the rain come?');
  await chat.untilStatus('done');
  const toolbar = page.getByRole('toolbar');
  await chat.reply.getByRole('button', { name: 'Wrap' }).tap();
  await expect(chat.reply.getByRole('button', { name: 'Unwrap' })).toBeVisible();
  await expect(toolbar).toBeHidden();

  // At the end of the list, where the toolbar will be.
  await chat.said.last().tap();
  await expect(toolbar.getByRole('button', { name: 'Reply' })).toBeVisible();
  await chat.reply.getByText('they say').tap();
  await expect(toolbar.getByRole('button', { name: 'Regenerate' })).toBeVisible();
  await expect(chat.replies).toHaveCount(1);
  await page.locator('.room-head h1').tap();
  await expect(toolbar).toBeHidden();

  await chat.said.last().tap();
  await toolbar.getByRole('button', { name: 'Edit' }).tap();
  await expect(chat.field).toBeFocused();
  await expect(toolbar, 'nothing is pointed at any more').toBeHidden();
});

test('the text that is written, and its preview, have room beside whatever buttons', async ({ chat, page, simulator }) => {
  const width = async (part: string): Promise<number> =>
    (await page.locator(`.composer ${part}`).boundingBox())?.width ?? 0;
  await simulator.script({ match: 'story', gate: 'middle@10', no_thinking: true });
  await chat.ask('Tell me a story');
  await simulator.untilAt('middle');
  await chat.field.fill('No, a short one');
  await expect(page.getByRole('button', { name: 'Stop and send' })).toBeVisible();
  expect(await width('textarea')).toBeGreaterThan(0.8 * (await width('.composer-box')));
  await page.getByRole('button', { name: 'Preview' }).tap();
  await expect(page.getByRole('region', { name: 'Preview' })).toBeVisible();
  expect(await width('.preview')).toBeGreaterThan(0.8 * (await width('.composer-box')));
  await expectNoSidewaysScroll(page);
  await simulator.release('middle');
  await chat.untilStatus('done');
});
