/** Highlighted code needs no script: the page comes with it. */
import { expect, test } from '../support/fixtures.ts';
import { Chat } from '../support/chat.ts';
import { register } from '../support/people.ts';

test('the code of complete messages is highlighted', async ({ page, person }) => {
  await register(page.request, person);
  const chat = new Chat(page);
  await page.goto('/');
  await chat.field.fill('Mine:\n```rust\nlet a = 1;\n```\n```\nno language\n```\n/sim rate=0 thinking_rate=0 code');
  await chat.send.click();
  await expect(page).toHaveURL(/\/room\//);
  await expect(async () => {
    await page.reload();
    await expect(chat.reply).toHaveAttribute('data-status', 'done', { timeout: 100 });
  }).toPass({ timeout: 30_000 });
  const figure = chat.said.locator('figure.code').first();
  await expect(figure.locator('.k')).toHaveText('let');
  await expect(figure.locator('pre')).toHaveText('let a = 1;');
  const colour = (selector: string): Promise<string> =>
    figure.locator(selector).evaluate((element) => getComputedStyle(element).color);
  expect(await colour('.k')).not.toBe(await colour('pre'));
  await expect(chat.replyText.locator('figure.code .k').first()).toBeVisible();
  await expect(chat.said.locator('figure.code').last().locator('span.k')).toHaveCount(0);
  for (const button of await page.locator('figure.code button').all()) await expect(button).toBeHidden();
});
