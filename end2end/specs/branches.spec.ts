/** Versions of messages: resent, regenerated, switched between; and what is sent while Kimi writes. */
import type { Locator } from '@playwright/test';

import { expectUsable } from '../support/audit.ts';
import { Chat } from '../support/chat.ts';
import { expectShownAsStored, stored } from '../support/conversation.ts';
import { expect, test } from '../support/fixtures.ts';
import { choose } from '../support/rooms.ts';

const QUICK = '/sim rate=0 thinking_rate=0 no_thinking tokens=12';

/** What a person said; replies repeat it. */
const said = (chat: Chat, text: string): Locator => chat.said.filter({ hasText: text });

const version = (message: Locator, which: string): Locator =>
  message.getByRole('group', { name: `Version ${which}`, exact: true });

const earlier = (message: Locator): Locator => message.getByRole('button', { name: 'Earlier version' });
const later = (message: Locator): Locator => message.getByRole('button', { name: 'Later version' });

async function askQuickly(chat: Chat, text: string): Promise<void> {
  await chat.ask(`${text} ${QUICK}`);
  await chat.untilStatus('done');
}

/** Edits what was said and sends it, as another version. */
async function resend(chat: Chat, message: Locator, text: string): Promise<void> {
  await choose(chat, message, 'Edit');
  await expect(chat.page.locator('.composer')).toContainText('begins a new version');
  await chat.field.fill(`${text} ${QUICK}`);
  await chat.send.click();
}

test('edit and resend, switch back and forth, on all devices and after a reload', async ({ chat, page, browser, baseURL }) => {
  await askQuickly(chat, 'Apples');
  await askQuickly(chat, 'And pears');
  const context = await browser.newContext({ baseURL, storageState: await page.context().storageState() });
  const other = new Chat(await context.newPage());
  await other.open(page.url());

  await resend(chat, said(chat, 'Apples'), 'Bananas');
  const bananas = said(chat, 'Bananas');
  await expect(version(bananas, '2 of 2')).toBeVisible();
  await expect(said(chat, 'And pears'), 'what followed the other').toHaveCount(0);
  await expect(chat.replies).toHaveCount(1);
  await chat.untilStatus('done');
  await expect(later(bananas)).toBeDisabled();
  await expect(said(other, 'Bananas'), 'on the other device').toBeVisible();

  await earlier(bananas).click();
  const apples = said(chat, 'Apples');
  await expect(version(apples, '1 of 2')).toBeVisible();
  await expect(apples, 'so that the keys go on from there').toBeFocused();
  await expect(chat.replies).toHaveCount(2);
  await expect(said(other, 'And pears'), 'the other device follows').toBeVisible();
  await expect(version(said(other, 'Apples'), '1 of 2')).toBeVisible();
  await expect(page.getByRole('log')).toContainText('Version 1 of 2');

  await page.reload();
  await chat.untilLive();
  await expect(said(chat, 'And pears')).toBeVisible();
  await expect(version(apples, '1 of 2')).toBeVisible();
  await expectShownAsStored(page);

  // What is said follows what is shown.
  await askQuickly(chat, 'And plums');
  await expect(said(chat, 'And pears')).toBeVisible();
  await apples.focus();
  await page.keyboard.press('ArrowRight');
  await expect(said(chat, 'Bananas')).toBeFocused();
  await expect(said(chat, 'And plums')).toHaveCount(0);
  await page.keyboard.press('ArrowLeft');
  await expect(said(chat, 'And plums')).toBeVisible();
  await expect(said(other, 'And plums')).toBeVisible();
  await context.close();
});

test('a regenerated reply stands beside the first, and both are whole', async ({ chat, page, simulator }) => {
  const prompt = `Rain in Jakarta ${QUICK}`;
  await chat.ask(prompt);
  const first = await chat.expectReply(await simulator.reply(prompt));
  await choose(chat, chat.reply, 'Regenerate');
  await expect(version(chat.reply, '2 of 2')).toBeVisible();
  const second = await chat.expectReply(await simulator.reply(prompt));
  expect(second.id).not.toBe(first.id);
  await expect(chat.replies).toHaveCount(1);
  await chat.reply.focus();
  await page.keyboard.press('g');
  await expect(version(chat.reply, '3 of 3')).toBeVisible();
  await chat.untilStatus('done');
  await earlier(chat.reply).click();
  await expect(version(chat.reply, '2 of 3')).toHaveText('‹2 / 3›');
  await expect(chat.reply).toHaveAttribute('data-message', second.id);
  await expectUsable(page, 'a reply that has others beside it');
  await earlier(chat.reply).click();
  await expect(version(chat.reply, '1 of 3')).toBeVisible();
  await expect(chat.reply).toHaveAttribute('data-message', first.id);
  await expectShownAsStored(page);
  const replies = (await stored(page)).filter((message) => message.run !== undefined);
  expect(new Set(replies.map((reply) => reply.text)).size).toBe(1);
});

test('quote a selection, or all of a message, and copy its Markdown', async ({ chat, page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await askQuickly(chat, 'Plant *beans* and maize');
  const message = said(chat, 'and maize');
  await chat.field.fill('About this:');
  await message.getByText('beans').dblclick();
  await choose(chat, message, 'Quote');
  await expect(chat.field).toHaveValue('About this:\n\n> beans\n\n');
  await expect(chat.field).toBeFocused();
  await page.evaluate(() => getSelection()?.removeAllRanges());
  await chat.field.fill('');
  await message.focus();
  await page.keyboard.press('q');
  await expect(chat.field).toHaveValue(`> Plant *beans* and maize ${QUICK}\n\n`);
  await choose(chat, message, 'Copy');
  await expect(page.getByRole('toolbar')).toContainText('Copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`Plant *beans* and maize ${QUICK}`);
});

test('stop and send this instead', async ({ chat, page, simulator }) => {
  const prompt = 'A long story /sim rate=200 no_thinking gate=middle@40';
  await chat.ask(prompt);
  await simulator.untilAt('middle');
  const beginning = await simulator.beginning(prompt, 40);
  await chat.untilReplyIs(beginning);
  const instead = page.getByRole('button', { name: 'Stop and send' });
  await expect(instead).toBeHidden();
  await chat.field.fill(`A short one ${QUICK}`);
  await expect(chat.hint).toContainText('this comes next');
  await instead.click();
  await expect(chat.replies).toHaveCount(2);
  await chat.expectReply(await simulator.reply(`A short one ${QUICK}`));
  await expect(chat.replies.first()).toHaveAttribute('data-status', 'stopped');
  const [, stopped] = await stored(page);
  expect(stopped?.text).toBe(beginning);

  // By keys; and where nothing runs, it is simply sent.
  await chat.field.fill(`By keys ${QUICK}`);
  await chat.field.press('ControlOrMeta+Enter');
  await expect(chat.replies).toHaveCount(3);
  await chat.expectReply(await simulator.reply(`By keys ${QUICK}`));
});

test('what is sent while Kimi writes is answered next', async ({ chat, page, simulator }) => {
  await chat.ask('A long story /sim rate=200 no_thinking tokens=60 gate=middle@40');
  await simulator.untilAt('middle');
  await chat.ask(`And then ${QUICK}`);
  await expect(chat.reply).toContainText('1 reply before it');
  await expect(chat.replies.first()).toHaveAttribute('data-status', 'writing');
  await simulator.release('middle');
  await chat.expectReply(await simulator.reply(`And then ${QUICK}`));
  await expect(chat.replies.first()).toHaveAttribute('data-status', 'done');
  await expect(page.getByRole('button', { name: 'Stop and send' })).toBeHidden();
});
