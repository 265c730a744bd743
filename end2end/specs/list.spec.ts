/** The list of rooms: its headings, what is kept at its top, what is put away, and the colours of the pages. */
import type { Locator, Page } from '@playwright/test';

import { Chat } from '../support/chat.ts';
import { expect, test } from '../support/fixtures.ts';
import { command, createGroup, openGroup } from '../support/rooms.ts';

test('rooms stand under their days, and come back to the top', async ({ chat, browser, page, baseURL }) => {
  const room = await createGroup(page.request, 'Harvest', []);
  await expect(chat.roomLink('Harvest')).toBeVisible();
  await expect(chat.rooms.getByRole('heading')).toHaveText(['Today']);
  // The same page, of a room in which something was last said long ago.
  const storage = await page.context().storageState();
  for (const [days, heading] of [
    [1, 'Yesterday'],
    [5, 'Previous 7 days'],
    [20, 'Previous 30 days'],
  ] as const) {
    const context = await browser.newContext({ baseURL, storageState: storage });
    const later = new Chat(await context.newPage());
    await later.page.route('/', async (route) => {
      const response = await route.fetch();
      const shift = (_: string, at: string): string => `"active_at":${Number(at) - days * 86_400_000}`;
      const body = (await response.text()).replace(/"active_at":(\d+)/, shift).replace('>Today<', `>${heading}<`);
      await route.fulfill({ response, body });
    });
    await later.open('/');
    await expect(later.rooms.getByRole('heading')).toHaveText([heading]);
    await expect(later.roomLink('Harvest')).toBeVisible();
    // What is said there brings it back.
    await command(page.request, 'chat:message', { room, text: `After ${days} days` });
    await expect(later.rooms.getByRole('heading')).toHaveText(['Today']);
    await context.close();
  }
});

test('a pinned room stays on top of one list, on all of its devices', async ({ chat, page, context, somebodyElse }) => {
  const { others } = await openGroup(chat, 'Harvest', ['Budi'], somebodyElse);
  await createGroup(page.request, 'Newer', []);
  const other = new Chat(await context.newPage());
  await other.open('/');
  const links = (each: Chat): ReturnType<Chat['roomLink']> => each.rooms.locator('.room-row a');
  await expect(links(chat)).toHaveText(['Newer', 'Harvest']);
  await chat.roomLink('Harvest').hover();
  await page.getByRole('button', { name: 'Pin Harvest' }).click();
  for (const device of [chat, other]) {
    await expect(links(device)).toHaveText(['Harvest', 'Newer']);
    await expect(device.rooms.getByRole('heading')).toHaveText(['Pinned', 'Today']);
  }
  const [budi] = others as [Chat];
  await expect(budi.rooms.getByRole('heading')).toHaveText(['Today']);
  await page.reload();
  await chat.untilLive();
  await expect(links(chat)).toHaveText(['Harvest', 'Newer']);
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('unpin');
  await page.keyboard.press('Enter');
  await expect(links(other)).toHaveText(['Newer', 'Harvest']);
});

test('a room is archived and brought back; deleting says for whom', async ({
  chat,
  page,
  somebodyElse,
}) => {
  const { others } = await openGroup(chat, 'Harvest', ['Budi'], somebodyElse);
  const [budi] = others as [Chat];
  // Who may not delete it may pin it.
  await budi.roomLink('Harvest').hover();
  await expect(budi.page.getByRole('button', { name: 'Pin Harvest' })).toBeVisible();
  await expect(budi.page.getByRole('button', { name: 'Delete Harvest' })).toHaveCount(0);
  await chat.roomLink('Harvest').hover();
  await page.getByRole('button', { name: 'Delete Harvest' }).click();
  const question = page.getByRole('group', { name: 'Delete Harvest?' });
  await expect(question).toContainText('for everybody in it');
  await question.getByRole('button', { name: 'Archive it instead' }).click();
  await expect(chat.field).toBeHidden();
  await expect(budi.field).toBeHidden();
  await expect(chat.roomLink('Harvest')).toBeHidden();
  await chat.rooms.getByText('Archived', { exact: true }).click();
  await chat.roomLink('Harvest').hover();
  await page.getByRole('button', { name: 'Bring back Harvest' }).click();
  await expect(chat.field).toBeEnabled();
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('archive this');
  await page.keyboard.press('Enter');
  await expect(budi.field).toBeHidden();
  // What says so brings it back, for whoever may.
  const back = (page: Page): Locator => page.getByRole('button', { name: 'Bring back', exact: true });
  await expect(back(budi.page)).toBeHidden();
  await back(page).click();
  await expect(budi.field).toBeEnabled();
});

test('chosen colours are those of every page, from its first byte', async ({ chat, page }) => {
  const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const around = (): Promise<(string | null)[]> =>
    page.locator('meta[name=theme-color]').evaluateAll((metas) => metas.map((meta) => meta.getAttribute('media')));
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await ground();
  const dark = chat.rooms.getByRole('button', { name: 'Dark' });
  await dark.click();
  await expect(dark).toHaveAttribute('aria-pressed', 'true');
  expect(await ground()).not.toBe(light);
  expect(await around()).toEqual(['not all', 'all']);
  const html = await (await page.request.get('/')).text();
  expect(html).toContain('data-theme="dark"');
  await page.reload();
  await chat.untilLive();
  expect(await ground()).not.toBe(light);
  await expect(dark).toHaveAttribute('aria-pressed', 'true');
  await page.goto('/rooms/new');
  expect(await ground()).not.toBe(light);
  await chat.open('/');
  await chat.rooms.getByRole('button', { name: 'Auto' }).click();
  expect(await ground()).toBe(light);
  expect(await around()).toEqual(['(prefers-color-scheme: light)', '(prefers-color-scheme: dark)']);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await ground()).not.toBe(light);
  expect(await (await page.request.get('/')).text()).not.toContain('data-theme');
});

test.describe('on a tablet', () => {
  test.use({ viewport: { width: 1024, height: 768 }, hasTouch: true, isMobile: true });

  test('a finger presses nothing that is not seen', async ({ chat, page }) => {
    for (const title of ['One', 'Two']) await createGroup(page.request, title, []);
    await expect(chat.roomLink('One')).toBeVisible();
    await expect(chat.rooms.getByRole('button', { name: /^(Delete|Rename) (One|Two)$/ })).toHaveCount(0);
    await chat.roomLink('One').tap();
    await expect(chat.rooms.getByRole('button', { name: 'Delete One' })).toBeVisible();
    await expect(chat.rooms.getByRole('button', { name: 'Delete Two' })).toHaveCount(0);
  });
});
