/** An image is a link until somebody wants to see it: before, nothing is asked of its host. */
import { expect, test } from '../support/fixtures.ts';

const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAUEBAAAACwAAAAAAQABAAACAkQBADs=', 'base64');
const TEXT = 'Look: ![Rain & "wind"](https://pictures.example/rain.gif "a title") and ![](mailto:ana@example.org)';

test('nothing is loaded before it is asked for, and then in its place', async ({ chat, context, page, simulator }) => {
  const asked: Record<string, string>[] = [];
  await context.route('https://pictures.example/**', async (route) => {
    asked.push(await route.request().allHeaders());
    await route.fulfill({ body: PIXEL, contentType: 'image/gif' });
  });
  await simulator.script({ match: 'a picture', text: TEXT, rate: 0, no_thinking: true });
  await chat.ask('Show me a picture');
  await chat.untilStatus('done');
  await page.reload();
  await chat.untilLive();
  const link = chat.replyText.getByRole('link', { name: 'Show image: Rain & "wind"' });
  await expect(link).toBeVisible();
  await expect(page.locator('img')).toHaveCount(0);
  await link.hover();
  await link.focus();
  expect(asked).toEqual([]);

  await page.keyboard.press('Enter');
  const image = chat.replyText.getByRole('img', { name: 'Rain & "wind"' });
  await expect.poll(() => image.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBe(1);
  expect(asked).toHaveLength(1);
  expect(asked[0]).not.toHaveProperty('referer');
  expect(asked[0]).not.toHaveProperty('cookie');
  await expect(image).toHaveAttribute('referrerpolicy', 'no-referrer');
  await expect(image).toHaveAttribute('loading', 'lazy');
  const width = await image.evaluate((element) => element.getBoundingClientRect().width);
  expect(width).toBeLessThanOrEqual(await chat.replyText.evaluate((text) => text.clientWidth));

  // Now it is a link like others.
  const opened = context.waitForEvent('page');
  await image.click();
  expect((await opened).url()).toBe('https://pictures.example/rain.gif');
  await (await opened).close();
  // What cannot be an image is a link from the beginning.
  await expect(chat.replyText.locator('a[href^="mailto:"]')).not.toHaveAttribute('data-do');
});

test('an image that is not there leaves its words, and as much room', async ({ chat, context, problems, simulator }) => {
  problems.allow(/Failed to load resource/);
  await context.route('https://pictures.example/**', (route) => route.abort());
  await simulator.script({ match: 'a picture', text: `${TEXT}\n\nAnd more`, rate: 0, no_thinking: true });
  await chat.ask('Show me a picture');
  await chat.untilStatus('done');
  await chat.replyText.getByRole('link', { name: /^Show image/ }).click();
  const image = chat.replyText.getByRole('img', { name: 'Rain & "wind"' });
  await expect(image).toBeVisible();
  await expect.poll(() => image.evaluate((element: HTMLImageElement) => element.complete)).toBe(true);
  expect((await image.boundingBox())?.height).toBeGreaterThan(200);
});
