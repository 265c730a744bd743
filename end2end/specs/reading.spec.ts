/** What is unread, and finding one's way in a long room. */
import { unreadIn } from '../support/attention.ts';
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
  for (const device of [budi, phone]) await expect(unreadIn(device, '3 unread')).toBeVisible();

  await budi.open(`/room/${room}`);
  const line = budi.page.getByText('New', { exact: true });
  await expect(line).toBeVisible();
  const order = await budi.page.locator('.column > *').allTextContents();
  expect(order.findIndex((text) => text === 'New')).toBe(order.findIndex((text) => text.includes('News 1')) - 1);
  for (const device of [budi, phone]) await expect(unreadIn(device)).toHaveCount(0);
  await expect(page.locator('article[data-message]').last()).toContainText('Seen by Budi');

  // Left for later, on purpose.
  await messageOf(budi, 'News 2').focus();
  await budi.page.keyboard.press('u');
  await expect(unreadIn(phone, '2 unread')).toBeVisible();
  await phone.rooms.getByRole('link', { name: /^Garden/ }).click();
  await expect(messageOf(phone, 'News 3')).toBeInViewport();
  await expect(unreadIn(budi)).toHaveCount(0);
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
