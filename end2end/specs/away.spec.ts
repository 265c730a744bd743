/** What comes while somebody looks elsewhere: in another room, another tab, or on another of their devices. */
import { Chat } from '../support/chat.ts';
import { asked, listed, lookAway, notifications, pressNotification, stubNotifications, unreadIn } from '../support/attention.ts';
import { expect, test } from '../support/fixtures.ts';
import { newPerson } from '../support/people.ts';
import { command, createGroup, messageOf, openGroup, say } from '../support/rooms.ts';

test('mentions are counted on all devices of a person, and are read on all at once', async ({ chat, somebodyElse }) => {
  const { others } = await openGroup(chat, 'Choir', ['Budi'], somebodyElse);
  const [laptop] = others as [Chat];
  const phone = new Chat(await laptop.page.context().newPage());
  for (const device of [laptop, phone]) await device.open('/');
  const title = await phone.page.title();
  await say(chat, 'Rehearsal tomorrow');
  await say(chat, '@Budi, do you bring the scores?');
  await say(chat, 'And you, @budi, the keys?');
  for (const device of [laptop, phone]) {
    await expect(listed(device, 'Choir', '3 unread, 2 mentions')).toBeVisible();
    await expect(device.page).toHaveTitle(`(2) ${title}`);
  }
  await laptop.rooms.getByRole('link', { name: /^Choir/ }).click();
  await expect(laptop.page).toHaveTitle('Choir · SiteSpark');
  await expect(phone.roomLink('Choir')).toBeVisible();
  await expect(phone.page).toHaveTitle(title);
});

test('what comes to an open room while nobody looks is new to whoever comes back', async ({ chat, somebodyElse }) => {
  const { others } = await openGroup(chat, 'Choir', ['Budi'], somebodyElse);
  const [budi] = others as [Chat];
  const line = budi.page.getByText('New', { exact: true });
  const first = await say(chat, 'While you look');
  await expect(first).toContainText('Seen by Budi');
  await expect(unreadIn(budi)).toHaveCount(0);
  await expect(line).toHaveCount(0);

  await lookAway(budi.page);
  const second = await say(chat, 'While you do not, @Budi');
  await expect(budi.page).toHaveTitle('(1) Choir · SiteSpark');
  await expect(budi.page.locator('link[rel=icon]')).toHaveAttribute('href', '/favicon-unread.svg');
  await expect(listed(budi, 'Choir', '1 unread, 1 mention')).toBeVisible();
  const third = await say(chat, 'Nor now');
  await expect(listed(budi, 'Choir', '2 unread, 1 mention')).toBeVisible();
  await expect(first).toContainText('Seen by Budi');
  for (const message of [second, third]) await expect(message).not.toContainText('Seen by');

  await lookAway(budi.page, false);
  await expect(third).toContainText('Seen by Budi');
  await expect(first).not.toContainText('Seen by');
  await expect(budi.page).toHaveTitle('Choir · SiteSpark');
  await expect(budi.page.locator('link[rel=icon]')).toHaveAttribute('href', '/favicon.svg');
  await expect(line.locator('+ article')).toContainText('While you do not');
});

test('a room that was marked as unread stays so until it is opened anew', async ({ chat, somebodyElse }) => {
  const { room, others } = await openGroup(chat, 'Choir', ['Budi', 'Citra'], somebodyElse);
  const [budi, citra] = others as [Chat, Chat];
  const message = await say(chat, 'Who sings alto?');
  await expect(message).toContainText('Seen by Budi and Citra');
  const seen = messageOf(budi, 'Who sings alto?');
  await seen.focus();
  await budi.page.keyboard.press('u');
  await expect(listed(budi, 'Choir', '1 unread')).toBeVisible();
  await expect(message).toHaveText(/Seen by Citra$/);
  // Another message, that Budi looks at, changes nothing.
  await say(citra, 'I do');
  await expect(listed(budi, 'Choir', '2 unread')).toBeVisible();
  await budi.open('/');
  await expect(listed(budi, 'Choir', '2 unread')).toBeVisible();
  await budi.open(`/room/${room}`);
  await expect(budi.roomLink('Choir')).toBeVisible();
  await expect(messageOf(chat, 'I do')).toContainText('Seen by Budi');
});

test('a notification of a direct message leads to its room', async ({ chat, person, somebodyElse }) => {
  const budi = newPerson('Budi');
  const other = new Chat(await somebodyElse(budi));
  await stubNotifications(other.page, 'granted');
  await other.open('/');
  const direct = crypto.randomUUID();
  await command(chat.page.request, 'room:create', { room: direct, title: '', kind: 'direct', with: [budi.email] });
  const group = await createGroup(chat.page.request, 'Choir', [budi.email]);
  await expect(other.roomLink('Choir')).toBeVisible();
  const wish = other.page.getByLabel('Notify me, with a sound');
  await expect(wish).not.toBeChecked();
  await wish.check();
  await expect.poll(() => asked(other.page)).toBe(1);
  await expect(wish).toBeChecked();

  // The choice holds after a reload, and nobody is asked again.
  await other.page.reload();
  await other.untilLive();
  await expect(wish).toBeChecked();
  expect(await asked(other.page)).toBe(0);
  await lookAway(other.page);
  await command(chat.page.request, 'chat:message', { room: group, text: 'Not for Budi alone' });
  await command(chat.page.request, 'chat:message', { room: direct, text: 'Only for Budi' });
  await expect(listed(other, person.name, '1 unread')).toBeVisible();
  expect(await notifications(other.page)).toEqual([`${person.name}: A new message for you.`]);
  await pressNotification(other.page);
  await expect(other.page).toHaveURL(`/room/${direct}`);
  await expect(messageOf(other, 'Only for Budi')).toBeVisible();

  // Switched off, nothing comes any more.
  await wish.uncheck();
  await command(chat.page.request, 'chat:message', { room: group, text: 'Now for @Budi' });
  await expect(listed(other, 'Choir', '2 unread, 1 mention')).toBeVisible();
  expect(await notifications(other.page)).toHaveLength(1);
});

test('who refuses notifications gets none, and the box says so', async ({ chat, somebodyElse }) => {
  const budi = newPerson('Budi');
  const other = new Chat(await somebodyElse(budi));
  await stubNotifications(other.page, 'denied');
  await other.open('/');
  const room = await createGroup(chat.page.request, 'Choir', [budi.email]);
  await expect(other.roomLink('Choir')).toBeVisible();
  const wish = other.page.getByLabel('Notify me, with a sound');
  await wish.click();
  await expect.poll(() => asked(other.page)).toBe(1);
  await expect(wish).not.toBeChecked();
  await lookAway(other.page);
  await command(chat.page.request, 'chat:message', { room, text: 'For @Budi' });
  await expect(listed(other, 'Choir', '1 unread, 1 mention')).toBeVisible();
  expect(await notifications(other.page)).toEqual([]);
});
