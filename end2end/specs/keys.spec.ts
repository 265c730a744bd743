/** Messages without a mouse, and a few things that only happen after something else was done with them. */
import type { Locator, Page } from '@playwright/test';

import { lookAway } from '../support/attention.ts';
import type { Chat } from '../support/chat.ts';
import { expect, test } from '../support/fixtures.ts';
import { choose, messageOf, openGroup, say } from '../support/rooms.ts';

const toolbar = (page: Page): Locator => page.getByRole('toolbar', { name: 'For this message' });

test('from message to message, to what can be done, and back to writing', async ({ chat, page, somebodyElse }) => {
  await openGroup(chat, 'Kitchen', [], somebodyElse);
  const first = await say(chat, 'First');
  const last = await say(chat, 'Last');
  await page.getByRole('group', { name: 'Messages' }).focus();
  await page.keyboard.press('Enter');
  await expect(last).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(first).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(last).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(toolbar(page).getByRole('button', { name: 'Reply' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(last).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(chat.field).toBeFocused();
  await page.keyboard.type('reply, edit, pin');
  await expect(chat.field, 'keys are letters here').toHaveValue('reply, edit, pin');
});

test('arrows pass the line of what is new', async ({ chat, somebodyElse }) => {
  const { others } = await openGroup(chat, 'Kitchen', ['Budi'], somebodyElse);
  const [budi] = others as [Chat];
  await say(chat, 'Old');
  await expect(messageOf(budi, 'Old')).toBeVisible();
  await lookAway(budi.page);
  await say(chat, 'Fresh');
  await expect(budi.page.getByText('New', { exact: true })).toBeVisible();
  await messageOf(budi, 'Fresh').focus();
  await budi.page.keyboard.press('ArrowUp');
  await expect(messageOf(budi, 'Old')).toBeFocused();
  await budi.page.keyboard.press('ArrowDown');
  await expect(messageOf(budi, 'Fresh')).toBeFocused();
});

test('edited twice by E: all see it, and every text that it had', async ({ chat, page, somebodyElse }) => {
  const { others } = await openGroup(chat, 'Kitchen', ['Budi'], somebodyElse);
  const [budi] = others as [Chat];
  await say(chat, 'Tofu');
  for (const [before, after] of [
    ['Tofu', 'Tempeh'],
    ['Tempeh', 'Tempeh *and* rice'],
  ] as const) {
    await messageOf(chat, before).focus();
    await page.keyboard.press('e');
    await expect(page.locator('.composer')).toContainText('Editing a message');
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(after);
    await page.keyboard.press('Enter');
    await expect(chat.field).toHaveValue('');
    await expect(messageOf(budi, after.replaceAll('*', ''))).toBeVisible();
  }
  const seen = messageOf(budi, 'Tempeh and rice');
  await expect(budi.said, 'no message came of it').toHaveCount(1);
  await expect(seen.locator('em')).toHaveText('and');
  await seen.getByRole('link', { name: 'edited' }).click();
  await expect(budi.page.getByRole('listitem').locator('.plain')).toHaveText(['Tempeh *and* rice', 'Tempeh', 'Tofu']);
});

test('P pins for all, and takes it down again; the list of the pinned leads to it', async ({
  chat,
  page,
  somebodyElse,
}) => {
  const { room, others } = await openGroup(chat, 'Kitchen', ['Budi'], somebodyElse);
  const [budi] = others as [Chat];
  const message = await say(chat, 'The key is under the mat');
  const seen = messageOf(budi, 'The key is under the mat');
  await message.focus();
  await page.keyboard.press('p');
  await expect(seen).toContainText('pinned');
  await budi.page.goto(`/room/${room}/details`);
  const pinned = budi.page.getByRole('region', { name: 'Pinned messages' });
  await pinned.getByRole('link', { name: 'The key is under the mat' }).click();
  await budi.untilLive();
  await expect(seen).toBeFocused();
  await message.focus();
  await page.keyboard.press('p');
  await expect(seen).not.toContainText('pinned');
  await budi.page.goto(`/room/${room}/details`);
  await expect(pinned).toContainText('Nothing is pinned.');
});

test('the last reaction takes its count with it', async ({ chat, page, somebodyElse }) => {
  const { others } = await openGroup(chat, 'Kitchen', ['Budi'], somebodyElse);
  const [budi] = others as [Chat];
  const message = await say(chat, 'Soup is ready');
  const seen = messageOf(budi, 'Soup is ready');
  for (const emoji of ['👍', '🎉']) {
    await choose(chat, message, 'React');
    await toolbar(page).getByRole('button', { name: emoji }).click();
  }
  await expect(seen.getByRole('button')).toHaveText(['👍 1', '🎉 1']);
  // From the toolbar, too, the same again takes it back.
  await choose(chat, message, 'React');
  await toolbar(page).getByRole('button', { name: '👍' }).click();
  await expect(seen.getByRole('button')).toHaveText(['🎉 1']);
  await message.getByRole('button', { name: '🎉' }).click();
  await expect(seen.getByRole('button')).toHaveCount(0);
  await budi.page.reload();
  await budi.untilLive();
  await expect(seen).toBeVisible();
  await expect(seen.getByRole('button')).toHaveCount(0);
});

test('who does not want to react after all, goes on elsewhere', async ({ chat, page, somebodyElse }) => {
  await openGroup(chat, 'Kitchen', [], somebodyElse);
  const first = await say(chat, 'First');
  const second = await say(chat, 'Second');
  await choose(chat, first, 'React');
  await expect(toolbar(page).getByRole('button', { name: '👍' })).toBeVisible();
  await chat.field.click();
  await second.hover();
  await expect(toolbar(page).getByRole('button', { name: 'Reply' })).toBeVisible();
});

test('of a deleted message, its quotes and its history tell nothing', async ({ chat, somebodyElse }) => {
  const { room, others } = await openGroup(chat, 'Kitchen', ['Budi'], somebodyElse);
  const [budi] = others as [Chat];
  const secret = await say(budi, 'The secret spice');
  const id = await secret.getAttribute('data-message');
  await messageOf(chat, 'The secret spice').focus();
  await chat.page.keyboard.press('r');
  await say(chat, 'Not here');
  const quote = messageOf(budi, 'Not here').getByRole('link');
  await expect(quote).toHaveText('Budi The secret spice');
  // `secret` would be the quote as well.
  const original = budi.page.locator(`[data-message="${id}"]`);
  await choose(budi, original, 'Delete');
  await toolbar(budi.page).getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(quote).toHaveText('Budi deleted');
  await expect(original).toContainText('This message was deleted.');
  for (const each of [chat, budi]) {
    await expect(each.page.locator('main')).not.toContainText('secret spice');
  }
  await budi.page.goto(`/room/${room}/message/${id}/history`);
  await expect(budi.page.getByRole('main')).toContainText('What it said is not shown here any more.');
  await expect(budi.page.getByRole('main')).not.toContainText('secret spice');
});

test('@ offers names, Escape declines, Tab takes one, and Kimi answers', async ({ chat, page, somebodyElse }) => {
  await openGroup(chat, 'Kitchen', ['Kirana'], somebodyElse);
  const options = page.getByRole('listbox', { name: 'People' }).getByRole('option');
  await chat.field.pressSequentially('mail@');
  await expect(options, 'in a word, nobody is meant').toHaveCount(0);
  await chat.field.fill('');
  await chat.field.pressSequentially('@KI');
  await expect(options).toHaveText(['Kirana', 'Kimi']);
  await page.keyboard.press('Escape');
  await expect(options).toHaveCount(0);
  await expect(chat.field).toHaveValue('@KI');
  await chat.field.pressSequentially('r');
  await options.filter({ hasText: 'Kirana' }).click();
  await expect(chat.field).toHaveValue('@Kirana ');
  await expect(chat.field).toBeFocused();
  await expect(chat.hint).toHaveText('@kimi asks Kimi, who can make mistakes.');
  await chat.field.pressSequentially('and @ki');
  await page.keyboard.press('ArrowUp');
  await expect(options.filter({ hasText: 'Kimi' })).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Tab');
  await expect(chat.field).toHaveValue('@Kirana and @Kimi ');
  await expect(chat.field).toBeFocused();
  await chat.field.pressSequentially('/sim rate=0 thinking_rate=0 tokens=20');
  await chat.field.press('Enter');
  await expect(chat.replies).toHaveCount(1);
  await chat.untilStatus('done');
});
