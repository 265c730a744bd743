/** What lies over the page: the command palette, and the sheet of shortcuts. */
import type { Locator, Page } from '@playwright/test';

import { expect, test } from '../support/fixtures.ts';
import { createGroup, openGroup, say } from '../support/rooms.ts';

const palette = (page: Page): Locator => page.getByRole('dialog', { name: 'Go to' });
const picks = (page: Page): Locator => page.getByRole('listbox', { name: 'Results' }).getByRole('option');
const chosen = (page: Page): Locator => page.getByRole('option', { selected: true });

test('Ctrl K leads to a room by a few letters of its name, and gives the focus back', async ({ chat, page }) => {
  const harvest = await createGroup(page.request, 'The harvest of May', []);
  await createGroup(page.request, 'Holidays', []);
  await expect(chat.roomLink('Holidays')).toBeVisible();
  await chat.field.click();
  await page.keyboard.press('ControlOrMeta+k');
  const field = palette(page).getByRole('combobox');
  await expect(field).toBeFocused();
  await expect(chosen(page), 'the newest room').toContainText('Holidays');
  await page.keyboard.press('Escape');
  await expect(palette(page)).toBeHidden();
  await expect(chat.field).toBeFocused();
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('harv');
  await expect(picks(page)).toHaveCount(1);
  await expect(palette(page).getByRole('status')).toHaveText('1 result');
  await expect(field).toHaveAttribute('aria-activedescendant', 'pick-0');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`/room/${harvest}`);
  await expect(palette(page)).toBeHidden();
  await expect(chat.field).toBeFocused();
});

test('arrows, Home and End choose, a click takes, and nothing is taken where nothing fits', async ({ chat, page }) => {
  await chat.field.click();
  await page.keyboard.press('ControlOrMeta+k');
  const count = await picks(page).count();
  await page.keyboard.press('End');
  await expect(picks(page).last()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowDown');
  await expect(picks(page).first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowUp');
  await expect(palette(page).getByRole('combobox')).toHaveAttribute('aria-activedescendant', `pick-${count - 1}`);
  await page.keyboard.press('Home');
  await expect(picks(page).first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.type('zzzz');
  await expect(palette(page).getByRole('status')).toHaveText('Nothing is called so.');
  await page.keyboard.press('Enter');
  await expect(palette(page)).toBeVisible();
  await palette(page).getByRole('combobox').fill('keys');
  await picks(page).first().click();
  await expect(page.getByRole('dialog', { name: 'Keys and commands' })).toBeVisible();
});

test('a person of a room begins a direct conversation, and leads to it from then on', async ({
  chat,
  page,
  somebodyElse,
}) => {
  const { others } = await openGroup(chat, 'Kitchen', ['Budiman'], somebodyElse);
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('budim');
  await expect(chosen(page)).toContainText('person');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Budiman' })).toBeVisible();
  await say(chat, 'Just us');
  const [budi] = others as [typeof chat];
  await expect(budi.rooms.getByRole('link', { name: 'Ana, 1 unread' })).toBeVisible();
  const address = page.url();
  await chat.open('/');
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('budim');
  await expect(picks(page)).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(address);
});

test('? shows all keys, unless a question mark is written', async ({ chat, page }) => {
  const sheet = page.getByRole('dialog', { name: 'Keys and commands' });
  await chat.field.click();
  await page.keyboard.type('?');
  await expect(chat.field).toHaveValue('?');
  await expect(sheet).toBeHidden();
  const button = page.getByRole('button', { name: 'Keys', exact: true });
  await button.focus();
  await page.keyboard.press('?');
  await expect(sheet).toContainText('Copies its link'.toLowerCase());
  await expect(sheet).toContainText('/clear');
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
  await expect(button).toBeFocused();
  await button.click();
  await sheet.getByRole('button', { name: 'Close' }).click();
  await expect(sheet).toBeHidden();
  await chat.field.fill('/help');
  await chat.field.press('Enter');
  await expect(sheet).toBeVisible();
  await expect(chat.said).toHaveCount(0);

  // Who presses such keys by speaking can turn them off, for as long as they want.
  const letters = sheet.getByRole('button', { name: 'Keys of a single character' });
  await expect(letters).toHaveAttribute('aria-pressed', 'true');
  await letters.click();
  await page.keyboard.press('Escape');
  await page.reload();
  await chat.untilLive();
  await button.focus();
  await page.keyboard.press('?');
  await page.keyboard.press('ControlOrMeta+k');
  await expect(palette(page), 'it would have come before').toBeVisible();
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
  await button.click();
  await expect(letters).toHaveAttribute('aria-pressed', 'false');
});
