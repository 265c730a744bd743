/** What is unread, and finding one's way in a long room. */
import { Chat } from '../support/chat.ts';
import { expect, test } from '../support/fixtures.ts';
import { command, messageOf, openGroup, say } from '../support/rooms.ts';

test('what is new is counted on all devices, marked, and read once it is seen', async ({ chat, page, somebodyElse }) => {
  const { room, others } = await openGroup(chat, 'Garden', ['Budi'], somebodyElse);
  const [budi] = others as [typeof chat];
  await say(chat, 'Before');
  await expect(messageOf(budi, 'Before')).toBeVisible();
  const phone = new Chat(await budi.page.context().newPage());
  await phone.open('/');
  await budi.open('/');
  for (let number = 1; number <= 3; number++) await say(chat, `News ${number}`);
  for (const device of [budi, phone]) await expect(device.rooms).toContainText('3 unread');

  await budi.open(`/room/${room}`);
  const line = budi.page.getByText('New', { exact: true });
  await expect(line).toBeVisible();
  const order = await budi.page.locator('.column > *').allTextContents();
  expect(order.findIndex((text) => text === 'New')).toBe(order.findIndex((text) => text.includes('News 1')) - 1);
  for (const device of [budi, phone]) await expect(device.rooms).not.toContainText('unread');
  await expect(page.locator('article[data-message]').last()).toContainText('Seen by Budi');

  // Left for later, on purpose.
  await messageOf(budi, 'News 2').focus();
  await budi.page.keyboard.press('u');
  await expect(phone.rooms).toContainText('2 unread');
  await phone.rooms.getByRole('link', { name: /^Garden/ }).click();
  await expect(messageOf(phone, 'News 3')).toBeInViewport();
  await expect(budi.rooms).not.toContainText('unread');
});

test('a long room is read in both ways, and nothing jumps', async ({ chat, page, somebodyElse }) => {
  const { room } = await openGroup(chat, 'Archive', ['Budi'], somebodyElse);
  // The limit is a hundred in a minute; what is sent at once, is stored at once.
  const texts = Array.from({ length: 90 }, (_, number) => `Entry ${number}: of the diary, with some more words in it`);
  for (const text of texts) await command(page.request, 'chat:message', { room, text });
  await chat.open(`/room/${room}`);
  await expect(messageOf(chat, 'Entry 89:')).toBeInViewport();
  await expect(messageOf(chat, 'Entry 5:')).toHaveCount(0);

  const scroller = page.locator('.messages');
  const top = (text: string): Promise<number> =>
    messageOf(chat, text).evaluate((element) => Math.round(element.getBoundingClientRect().top));
  await messageOf(chat, 'Entry 40:').scrollIntoViewIfNeeded();
  const before = await top('Entry 40:');
  await scroller.evaluate((element) => element.dispatchEvent(new Event('scroll')));
  await expect(messageOf(chat, 'Entry 5:')).toHaveCount(1);
  // More came above, and what is read has not moved.
  expect(Math.abs((await top('Entry 40:')) - before)).toBeLessThanOrEqual(2);

  await scroller.evaluate((element) => element.scrollTo(0, 0));
  await expect(messageOf(chat, 'Entry 0:')).toBeInViewport();
  const toEnd = page.getByRole('button', { name: /^Jump to the latest message/ });
  await toEnd.click();
  await expect(messageOf(chat, 'Entry 89:')).toBeInViewport();
  await expect(toEnd).toBeHidden();
});

test('the first unread message and a day can be jumped to', async ({ chat, page, somebodyElse }) => {
  const { room, others } = await openGroup(chat, 'Archive', ['Budi'], somebodyElse);
  const [budi] = others as [typeof chat];
  await budi.page.goto('about:blank');
  for (let number = 0; number < 80; number++) {
    await command(page.request, 'chat:message', { room, text: `Entry ${number}: of the diary` });
  }
  await budi.open(`/room/${room}`);
  await budi.page.getByRole('button', { name: 'Jump to the first unread' }).click();
  await expect(messageOf(budi, 'Entry 0:')).toBeInViewport();
  await expect(budi.page.getByRole('button', { name: 'Jump to the first unread' })).toBeHidden();

  await budi.page.goto(`/room/${room}/details`);
  const day = budi.page.getByRole('textbox', { name: /^Day/ });
  await day.fill(await day.evaluate((field: HTMLInputElement) => field.max));
  await budi.page.getByRole('button', { name: 'Go to it' }).click();
  await budi.untilLive();
  await expect(messageOf(budi, 'Entry 0:')).toBeInViewport();
  expect(budi.page.url()).toContain('date=');
});
