/** Who answers: the model, how much it thinks, and what it is told, chosen in the room's head. */
import type { Page } from '@playwright/test';

import { expect, test } from '../support/fixtures.ts';
import { Chat } from '../support/chat.ts';
import { storedReply } from '../support/conversation.ts';

const QUICK = '/sim rate=0 thinking_rate=0 tokens=5';

const button = (page: Page) => page.getByTitle('Model and instructions');
const sheet = (page: Page) => page.getByRole('dialog', { name: 'Model and instructions' });
const effort = (page: Page, name: string) => sheet(page).getByRole('radio', { name, exact: true });

test('the model, its thinking and the instructions are chosen, and heard by the model', async ({
  chat,
  page,
  context,
  simulator,
}) => {
  await chat.ask(`Hello\n${QUICK}`);
  await chat.untilStatus('done');
  const other = new Chat(await context.newPage());
  await other.open(new URL(page.url()).pathname);
  await expect(button(page)).toHaveText('kimi-k3');

  await button(page).click();
  await expect(sheet(page).getByRole('radio', { name: /The server's choice/ })).toBeFocused();
  await expect(effort(page, 'Much')).toBeVisible();
  await expect(effort(page, 'Not at all')).toBeHidden();
  await sheet(page).getByRole('radio', { name: /kimi-k2.7-code-highspeed/ }).check();
  await expect(sheet(page).getByText('How much it thinks')).toBeHidden();
  const model = sheet(page).getByRole('radio', { name: /kimi-k2.6/ });
  await expect(sheet(page).getByText('256K tokens, thinks first, sees images')).toHaveCount(3);
  await model.check();
  await expect(effort(page, 'Much')).toBeHidden();
  await effort(page, 'Not at all').check();
  const instructions = sheet(page).getByRole('textbox', { name: /Instructions/ });
  await instructions.fill('Antworte grün.');
  await expect(sheet(page).getByText('15 of 8,192 bytes')).toBeVisible();
  await sheet(page).getByRole('button', { name: 'Save' }).click();
  await expect(sheet(page)).toBeHidden();
  for (const tab of [page, other.page]) await expect(button(tab)).toHaveText('kimi-k2.6');

  await chat.ask(`And now?\n${QUICK}`);
  await chat.untilStatus('done');
  const body = (await simulator.calls('And now?')).at(-1)?.body as Record<string, unknown>;
  expect(body).toMatchObject({ model: 'kimi-k2.6', thinking: { type: 'disabled' } });
  expect(JSON.stringify(body)).toContain('Antworte grün.');
  expect((await storedReply(page)).run).toMatchObject({ model: 'kimi-k2.6', thinking: 'off' });

  // What wrote it is said to whoever asks.
  await chat.reply.hover();
  await expect(page.getByRole('toolbar').getByText(/^kimi-k2.6 · Thinking: off · \d+ tokens$/)).toBeVisible();

  // The other browser opens the sheet on what is so now, by keyboard, and leaves it alone.
  await button(other.page).focus();
  await other.page.keyboard.press('Enter');
  await expect(sheet(other.page).getByRole('radio', { name: /kimi-k2.6/ })).toBeChecked();
  await expect(effort(other.page, 'Not at all')).toBeChecked();
  await expect(sheet(other.page).getByRole('textbox')).toHaveValue('Antworte grün.');
  await other.page.keyboard.press('Escape');
  await expect(sheet(other.page)).toBeHidden();
  await expect(button(other.page)).toBeFocused();
});

test('instructions that are too long are not sent, and a list that does not come is said', async ({ chat, page, problems }) => {
  problems.allow(/Failed to load resource/);
  await chat.ask(`Hello\n${QUICK}`);
  await chat.untilStatus('done');
  await button(page).click();
  const instructions = sheet(page).getByRole('textbox');
  await instructions.fill('é'.repeat(4_097));
  await sheet(page).getByRole('button', { name: 'Save' }).click();
  await expect(instructions).toBeFocused();
  await expect(sheet(page).getByText('8,194 of 8,192 bytes')).toBeVisible();
  await instructions.fill('');
  await page.keyboard.press('Escape');

  await page.route('**/kimi', (route) => route.abort());
  await button(page).click();
  await expect(sheet(page).getByRole('alert')).toContainText('could not be loaded');
});

test('what is refused says why, and all that was typed is still there', async ({ chat, page }) => {
  await chat.ask(`Hello\n${QUICK}`);
  await chat.untilStatus('done');
  await button(page).click();
  const model = sheet(page).getByRole('radio', { name: /kimi-k2.6/ });
  await model.check();
  await model.evaluate((radio) => radio.setAttribute('value', 'gone'));
  const instructions = sheet(page).getByRole('textbox');
  await instructions.fill('Antworte grün.');
  const save = sheet(page).getByRole('button', { name: 'Save' });
  await save.click();
  await expect(sheet(page).getByRole('alert')).toHaveText('This model is not on offer here. Choose one of the list.');
  await expect(instructions).toHaveValue('Antworte grün.');
  await page.keyboard.press('Escape');
  await button(page).click();
  await expect(instructions).toHaveValue('Antworte grün.');
  await expect(model).toBeChecked();

  await sheet(page).getByRole('radio', { name: /The server's choice/ }).check();
  await save.click();
  await expect(sheet(page)).toBeHidden();
  await button(page).click();
  await expect(sheet(page).getByRole('alert')).toBeHidden();
  await expect(instructions).toHaveValue('Antworte grün.');
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true });

  test('the sheet comes from below and is as wide as the screen', async ({ chat, page }) => {
    await chat.ask(`Hello\n${QUICK}`);
    await chat.untilStatus('done');
    await button(page).tap();
    await expect(sheet(page).getByRole('radio').first()).toBeVisible();
    const box = await sheet(page).boundingBox();
    expect(box).toMatchObject({ x: 0, width: 360 });
    expect(Math.round(box!.y + box!.height)).toBe(740);
    await page.screenshot({ path: '../target/screenshots/model-phone.png' });
  });
});

const THOUGHTFUL = '/sim rate=0 thinking_rate=0 tokens=5 thinking_tokens=5';
const thinkingOf = (chat: Chat, index: number) => chat.replies.nth(index).locator('details.thinking');

test('who opens thinking finds it open from then on, everywhere; what is on the screen stays', async ({
  chat,
  page,
  context,
}) => {
  for (const text of ['One', 'Two']) {
    await chat.ask(`${text}\n${THOUGHTFUL}`);
    await chat.untilStatus('done');
  }
  const [first, second] = [thinkingOf(chat, 0), thinkingOf(chat, 1)];
  await expect(first).not.toHaveAttribute('open');
  await first.locator('summary').click();
  await expect(first).toHaveAttribute('open', '');
  await expect(second).not.toHaveAttribute('open');

  // Another reply, and another device.
  const settings = async (): Promise<unknown> =>
    ((await (await page.request.get('/api/page')).json()) as { user: { settings?: unknown } }).user.settings;
  await expect.poll(settings).toEqual({ thinking: 'open' });
  await chat.ask(`Three\n${THOUGHTFUL}`);
  await chat.untilStatus('done');
  await expect(thinkingOf(chat, 2)).toHaveAttribute('open', '');
  await expect(second).not.toHaveAttribute('open');
  const other = new Chat(await context.newPage());
  await other.open(new URL(page.url()).pathname);
  for (const index of [0, 1, 2]) await expect(thinkingOf(other, index)).toHaveAttribute('open', '');

  // Closed again when it is over: as at the beginning.
  await thinkingOf(chat, 2).locator('summary').press('Enter');
  await expect(thinkingOf(chat, 2)).not.toHaveAttribute('open');
  await expect.poll(settings).toBeUndefined();
  await expect(thinkingOf(other, 2)).toHaveAttribute('open', '');
});

test('who closes thinking while it goes on sees no more of it; its time stays right', async ({ chat, page, simulator }) => {
  const waiting = '/sim gate=middle@thinking:2 thinking_tokens=5 tokens=5 rate=0 thinking_rate=0';
  await chat.ask(`One\n${waiting}`);
  await simulator.untilAt('middle');
  await expect(thinkingOf(chat, 0)).toHaveAttribute('open', '');
  await expect(thinkingOf(chat, 0).locator('summary')).toHaveText(/Thinking · [1-9]/);
  await thinkingOf(chat, 0).locator('summary').click();
  await expect(thinkingOf(chat, 0)).not.toHaveAttribute('open');
  await simulator.release('middle');
  await chat.untilStatus('done');
  const title = (await thinkingOf(chat, 0).locator('summary').textContent()) ?? '';
  expect(title).toMatch(/^Thought for [1-9]/);
  await page.reload();
  await chat.untilLive();
  await expect(thinkingOf(chat, 0).locator('summary')).toHaveText(title);
  await chat.ask(`Two\n${waiting.replace('middle', 'later')}`);
  await simulator.untilAt('later');
  await expect(thinkingOf(chat, 1).locator('summary')).toHaveText(/Thinking/);
  await expect(thinkingOf(chat, 1)).not.toHaveAttribute('open');
  await simulator.release('later');
  await chat.untilStatus('done');
});
