/** Everything that is promised without JavaScript: read, send, and be told what is wrong. */
import { expect, test } from '../support/fixtures.ts';
import { Chat } from '../support/chat.ts';
import { roomOf, storedReply } from '../support/conversation.ts';
import { register } from '../support/people.ts';
import type { Page } from '@playwright/test';

/** Loads the page again until the reply has this status. */
async function reloadUntil(page: Page, status: string): Promise<void> {
  await expect(async () => {
    await page.reload();
    await expect(page.locator('article[data-status]').last()).toHaveAttribute('data-status', status, { timeout: 100 });
  }).toPass({ timeout: 30_000 });
}

test.beforeEach(async ({ page, person }) => register(page.request, person));

test('send by the form, read the reply, go on', async ({ page, simulator }) => {
  const chat = new Chat(page);
  await page.goto('/');
  const prompt = 'A letter, please\nwith two lines\n/sim rate=0 thinking_rate=0';
  await chat.field.fill(prompt);
  await chat.send.click();
  await expect(page).toHaveURL(/\/room\/[0-9a-f-]{36}/);
  await reloadUntil(page, 'done');
  const reply = await storedReply(page);
  expect(reply.text).toBe((await simulator.reply(prompt)).text);
  await expect(chat.said).toContainText('with two lines');
  await expect(chat.replyText).toContainText('A letter, please');
  await expect(chat.reply.locator('details.thinking')).toBeVisible();
  await expect(page).toHaveTitle(/A letter, please/);

  const room = roomOf(page);
  const next = 'And an answer\n/sim rate=0 thinking_rate=0 tokens=30';
  await chat.field.fill(next);
  await chat.send.click();
  await expect(chat.replies).toHaveCount(2);
  expect(roomOf(page), 'in the same conversation').toBe(room);
  await reloadUntil(page, 'done');
  expect((await storedReply(page)).text).toBe((await simulator.reply(next)).text);
});

test('the reply so far is there on every load', async ({ page, simulator }) => {
  const chat = new Chat(page);
  await page.goto('/');
  const prompt = 'Slowly, please /sim rate=200 thinking_rate=200 gate=middle@80';
  await chat.field.fill(prompt);
  await chat.send.click();
  await simulator.untilAt('middle');
  const beginning = await simulator.beginning(prompt, 80);
  await expect.poll(async () => (await storedReply(page)).text).toBe(beginning);
  await page.reload();
  await expect(chat.reply).toHaveAttribute('data-status', 'writing');
  await expect(chat.reply.getByText('Kimi is writing')).toBeVisible();
  const words = beginning.replaceAll(/[^\p{L} ]/gu, ' ').split(/\s+/).filter((word) => word.length > 6);
  for (const word of words.slice(0, 10)) await expect(chat.replyText).toContainText(word);
  await simulator.release('middle');
  await reloadUntil(page, 'done');
  expect((await storedReply(page)).text).toBe((await simulator.reply(prompt)).text);
});

test('stop by the form', async ({ page, person, simulator }) => {
  const chat = new Chat(page);
  await page.goto('/');
  const prompt = 'Stop me /sim rate=200 thinking_rate=200 gate=middle@40';
  await chat.field.fill(prompt);
  await chat.send.click();
  await simulator.untilAt('middle');
  await page.reload();
  await chat.stop.click();
  await reloadUntil(page, 'stopped');
  await expect(chat.reply).toContainText(`Stopped by ${person.name}.`);
  await expect.poll(async () => (await simulator.calls(prompt))[0]?.outcome).toBe('closed_by_client');
});

test('the list of conversations', async ({ page }) => {
  const chat = new Chat(page);
  await page.goto('/');
  await expect(chat.rooms.getByText('Your conversations will be listed here.')).toBeVisible();
  for (const title of ['About apples', 'About pears']) {
    await chat.rooms.getByRole('link', { name: 'New conversation' }).click();
    await chat.field.fill(`${title}\n/sim rate=0 thinking_rate=0`);
    await chat.send.click();
    await expect(page).toHaveURL(/\/room\//);
  }
  await expect(chat.rooms.locator('.room-row a')).toHaveText(['About pears', 'About apples']);
  await chat.roomLink('About apples').click();
  await expect(chat.said).toContainText('About apples');
  await expect(page.getByRole('heading', { level: 1, name: 'About apples' })).toBeVisible();
});

test('nothing is shown that cannot work', async ({ page }) => {
  await page.goto('/');
  const elements = await page.locator('.needs-script').all();
  expect(elements.length).toBeGreaterThan(0);
  for (const element of elements) await expect(element).toBeHidden();
  await expect(page.locator('.connection .banner')).toBeHidden();
});

for (const [what, text, reason] of [
  ['an empty message', '   ', /empty|write/i],
  ['an over-long message', 'é'.repeat(16 * 1024 + 1), /long/i],
] as const) {
  test(`${what} is explained on a page, and changes nothing`, async ({ page, problems }) => {
    problems.allow(/status of 4\d\d/);
    const chat = new Chat(page);
    await page.goto('/');
    await chat.field.fill(text);
    await chat.send.click();
    await expect(page.getByRole('alert')).toHaveText(reason);
    expect(await page.content(), 'a page, not data').not.toContain('{"code"');
    await page.goto('/');
    await expect(chat.rooms.getByText('Your conversations will be listed here.')).toBeVisible();
  });
}

test('HTML in a message is shown as text', async ({ page }) => {
  const chat = new Chat(page);
  await page.goto('/');
  await chat.field.fill('<h1>big</h1> <script>1</script>\n/sim rate=0 thinking_rate=0');
  await chat.send.click();
  await expect(chat.said).toContainText('<h1>big</h1> <script>1</script>');
  await expect(page.locator('article h1, article script')).toHaveCount(0);
});

test('a phone reads it, too: the menu opens and closes', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  const chat = new Chat(page);
  await page.goto('/');
  await expect(chat.rooms).not.toBeInViewport();
  await page.locator('label.menu-button').click();
  await expect(chat.rooms).toBeInViewport();
  await page.locator('label.backdrop').click({ position: { x: 350, y: 400 } });
  await expect(chat.rooms).not.toBeInViewport();
});
