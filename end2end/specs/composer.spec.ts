import { expect, test } from '../support/fixtures.ts';
import { Chat } from '../support/chat.ts';
import { stored } from '../support/conversation.ts';
import { newPerson, register } from '../support/people.ts';
import { startServer } from '../support/processes.ts';

test('an empty message cannot be sent', async ({ chat, page }) => {
  await expect(chat.send).toBeDisabled();
  for (const text of ['', '   ', '\n\n\t']) {
    await chat.field.fill(text);
    await expect(chat.send).toBeDisabled();
    await expect(chat.send).toHaveAttribute('title', 'Write a message first');
    await chat.field.press('Enter');
  }
  await expect(page).toHaveURL('/');
  await expect(chat.rooms.getByText('Your conversations will be listed here.')).toBeVisible();
  await chat.field.fill('Something');
  await expect(chat.send).toBeEnabled();
});

test('an over-long message is explained, and not lost', async ({ chat, page, simulator }) => {
  const limit = 32 * 1024;
  await chat.field.fill('é'.repeat(limit / 2 + 50));
  await expect(chat.hint).toContainText('Too long by 100');
  await expect(chat.send).toBeDisabled();
  await chat.field.press('Enter');
  await expect(page).toHaveURL('/');
  expect(await chat.field.inputValue()).toHaveLength(limit / 2 + 50);

  const longest = 'é'.repeat(limit / 2);
  expect(Buffer.byteLength(longest)).toBe(limit);
  const answer = { text: 'That was long.', thinking: 'Hm.' };
  await simulator.script({ match: 'éé', ...answer, rate: 0, thinking_rate: 0 });
  await chat.field.fill(longest);
  await expect(chat.hint).not.toContainText('Too long');
  await chat.ask(longest);
  await chat.expectReply(answer);
  expect((await stored(page))[0]?.text).toBe(longest);
});

test('Enter sends, Shift+Enter breaks the line', async ({ chat, page, simulator }) => {
  await chat.field.click();
  await page.keyboard.type('First line');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('second line');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('/sim rate=0 thinking_rate=0');
  const text = 'First line\nsecond line\n/sim rate=0 thinking_rate=0';
  await expect(chat.field).toHaveValue(text);
  await expect(page).toHaveURL('/');
  await page.keyboard.press('Enter');
  await chat.expectReply(await simulator.reply(text));
  expect((await stored(page))[0]?.text).toBe(text);
  expect(await chat.said.innerText(), 'the break is seen').toContain('First line\nsecond line');
  await expect(chat.field).toHaveValue('');
  await expect(chat.field, 'one can go on writing').toBeFocused();
});

test('the button sends, and a suggestion fills the field', async ({ chat, page }) => {
  const suggestion = page.locator('.suggestions button').first();
  const text = (await suggestion.textContent()) ?? '';
  expect(text).not.toBe('');
  await suggestion.click();
  await expect(chat.field).toHaveValue(text);
  await expect(chat.field).toBeFocused();
  await chat.send.click();
  await expect(chat.said).toContainText(text);
  await chat.untilStatus('writing');
  await chat.stop.click();
  await chat.untilStatus('stopped');
});

test('what was typed before the page came alive is kept', async ({ page, person }) => {
  await register(page.request, person);
  // The script arrives only after the reader has begun to write.
  let letThrough = (): void => {};
  const written = new Promise<void>((resolve) => (letThrough = resolve));
  await page.route('**/pkg/*.wasm', async (route) => {
    await written;
    await route.continue();
  });
  await page.goto('/', { waitUntil: 'commit' });
  const chat = new Chat(page);
  await chat.field.fill('Already writing');
  letThrough();
  await chat.untilLive();
  await expect(chat.field).toHaveValue('Already writing');
  await expect(chat.send).toBeEnabled();
});

test('the practice model is named where no key is set', async ({ browser, problems }) => {
  const server = await startServer();
  const context = await browser.newContext({ baseURL: server.url });
  problems.watch(context);
  await register(context.request, newPerson());
  const chat = new Chat(await context.newPage());
  await chat.open('/');
  await expect(chat.hint).toContainText('The practice model answers here, because no KIMI_API_KEY is set.');
  await chat.ask('Hello /sim rate=0 thinking_rate=0');
  await chat.untilStatus('done');
  await context.close();
  await server.stop();
});

test('no practice model is named where one has a key', async ({ chat }) => {
  await expect(chat.hint).not.toContainText('practice');
});
