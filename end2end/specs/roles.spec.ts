/** What a role or a kind of room allows, on pages that are open while it changes. */
import { randomUUID } from 'node:crypto';

import type { Locator, Page } from '@playwright/test';

import { listed } from '../support/attention.ts';
import { Chat } from '../support/chat.ts';
import { expect, test } from '../support/fixtures.ts';
import { newPerson } from '../support/people.ts';
import { command, createGroup, messageOf, openGroup, say } from '../support/rooms.ts';

/** What the details of a room offer to its owner, and not to a guest. */
const REFUSED = ['Change', 'Rename', 'Save the settings', 'Make a link', 'Add somebody', 'Archive…', 'Delete…'];
const ONE_PERSON = 'Name exactly one person for a direct conversation, or make a group.';
const UNUSABLE = "This invitation can't be used";

/** What the toolbar of a message offers. */
async function offered(chat: Chat, message: Locator): Promise<Locator> {
  await chat.page.mouse.move(0, 0);
  await message.hover();
  return chat.page.getByRole('toolbar', { name: 'For this message' }).getByRole('button');
}

/** A second page of the same person, for what has no script. */
async function details(chat: Chat, room: string): Promise<Page> {
  const page = await chat.page.context().newPage();
  await page.goto(`/room/${room}/details`);
  return page;
}

test('who becomes a guest goes on reading and writing, and can do no more', async ({
  chat,
  somebodyElse,
  simulator,
}) => {
  const { room, others } = await openGroup(chat, 'Book club', ['Budi'], somebodyElse);
  const [budi] = others as [Chat];
  const message = await say(chat, 'Chapter one');
  const seen = messageOf(budi, 'Chapter one');
  await expect(await offered(budi, seen)).toHaveText(['Reply', 'React', 'Quote', 'Copy', 'Pin', 'Copy link', 'Mark unread']);
  const about = await details(chat, room);
  for (const words of REFUSED) await expect(about.getByText(words, { exact: true }).first()).toBeVisible();
  await about.getByRole('link', { name: 'Change Budi' }).click();
  await about.getByLabel('Role').selectOption('Guest');
  await about.getByRole('button', { name: 'Save the role' }).click();
  await expect(about.getByRole('status')).toHaveText('The role is saved.');
  await expect(about.getByRole('listitem').filter({ hasText: 'Budi' })).toContainText('Guest');
  await about.close();

  await expect(await offered(budi, seen)).toHaveText(['Reply', 'React', 'Quote', 'Copy', 'Copy link', 'Mark unread']);
  await seen.focus();
  await budi.page.keyboard.press('p');
  await budi.page.keyboard.press('Delete');
  // Commands keep their order, so the others would have come before this one.
  await say(budi, 'I still write');
  await expect(messageOf(chat, 'I still write')).toBeVisible();
  await expect(message).not.toContainText('pinned');
  await expect(message).toBeVisible();
  const id = await message.getAttribute('data-message');
  const answer = await budi.page.request.post('/api/commands', {
    data: { type: 'chat:pin', id: randomUUID(), payload: { room, message: id, is_on: true } },
  });
  expect(await answer.json()).toMatchObject({ type: 'error', payload: { code: 'forbidden' } });

  // A reply to somebody else is not a guest's to stop.
  await chat.field.fill('@kimi /sim rate=100 gate=middle@30');
  await chat.field.press('Enter');
  await simulator.untilAt('middle');
  for (const each of [chat, budi]) await each.untilStatus('writing');
  await expect(chat.stop).toBeVisible();
  await expect(budi.stop).toBeHidden();
  await chat.stop.click();
  await budi.untilStatus('stopped');

  const settings = await details(budi, room);
  await expect(settings.getByText('Leave…')).toBeVisible();
  for (const words of REFUSED) {
    await expect(settings.getByText(words, { exact: true })).toHaveCount(0);
  }
  await settings.close();
});

test('an invitation that is no longer good says so, and nothing of its room', async ({
  chat,
  page,
  somebodyElse,
  problems,
}) => {
  problems.allow(/status of 4\d\d/);
  const room = await createGroup(page.request, 'Hidden garden', []);
  const invite = (uses: number): Promise<string> =>
    command(page.request, 'room:invite', { room, role: 'guest', uses });
  const [revoked, single] = [await invite(5), await invite(1)];
  const budi = await somebodyElse(newPerson('Budi'));
  const citra = await somebodyElse(newPerson('Citra'));
  const expectRefusal = async (): Promise<void> => {
    await expect(citra.getByRole('heading', { name: UNUSABLE })).toBeVisible();
    await expect(citra.getByRole('main')).toContainText('Ask whoever sent it for a new one.');
    await expect(citra.getByRole('button', { name: 'Join' })).toHaveCount(0);
    expect(await citra.content()).not.toContain('Hidden garden');
  };

  // Revoked while somebody looks at it.
  await citra.goto(`/invite/${room}/${revoked}`);
  await expect(citra.getByRole('heading', { name: 'Hidden garden' })).toBeVisible();
  await expect(citra.getByText('Ana invites you as a guest. 1 person is in it.')).toBeVisible();
  const about = await details(chat, room);
  const row = about.getByRole('listitem').filter({ hasText: '5 more people' });
  await row.getByRole('button', { name: 'Revoke' }).click();
  await expect(about.getByRole('status')).toHaveText("The link can't be used any more.");
  await about.close();
  await citra.getByRole('button', { name: 'Join' }).click();
  await expectRefusal();

  // Used by as many people as it was for. To who has joined, it is simply the way there.
  await budi.goto(`/invite/${room}/${single}`);
  await budi.getByRole('button', { name: 'Join' }).click();
  await expect(budi).toHaveURL(`/room/${room}`);
  const response = await citra.goto(`/invite/${room}/${single}`);
  expect(response?.status()).toBeGreaterThanOrEqual(400);
  await expectRefusal();
  await budi.goto(`/invite/${room}/${single}`);
  await expect(budi).toHaveURL(`/room/${room}`);
});

test('a direct room by name: one for two people, called by the other', async ({ chat, page, person, somebodyElse }) => {
  const budi = newPerson(`Budi ${randomUUID().slice(0, 8)}`);
  const other = new Chat(await somebodyElse(budi));
  await other.open('/');
  const begin = async (people: string): Promise<void> => {
    await page.goto('/rooms/new');
    await page.getByRole('radio', { name: /^A direct conversation/ }).check();
    await page.getByRole('textbox', { name: /^People/ }).fill(people);
    await page.getByRole('button', { name: 'Create' }).click();
  };
  await begin(budi.name);
  await chat.untilLive();
  const address = page.url();
  await expect(page.getByRole('heading', { level: 1, name: budi.name })).toBeVisible();
  await say(chat, 'Only you and me');

  // To the other, all of it is for them.
  await expect(other.page).toHaveTitle(/^\(1\) /);
  await listed(other, person.name, '1 unread').click();
  await expect(other.page.getByRole('heading', { level: 1, name: person.name })).toBeVisible();
  const seen = messageOf(other, 'Only you and me');
  await expect(await offered(other, seen)).toHaveText(['Reply', 'React', 'Quote', 'Copy', 'Pin', 'Copy link', 'Mark unread']);
  await other.roomLink(person.name).hover();
  await expect(other.rooms.getByRole('button', { name: /^(Rename|Delete)/ })).toHaveCount(0);

  // The same again is the same room.
  await begin(budi.email);
  await chat.untilLive();
  expect(page.url()).toBe(address);
  await expect(messageOf(chat, 'Only you and me')).toBeVisible();
});

test('a direct room is with exactly one person', async ({ chat, page, somebodyElse, problems }) => {
  problems.allow(/status of 4\d\d/);
  const persons = [newPerson('Budi'), newPerson('Citra')];
  for (const person of persons) await somebodyElse(person);
  await expect(chat.rooms).toBeVisible();
  for (const people of ['', persons.map((person) => person.email).join(', ')]) {
    await page.goto('/rooms/new');
    await page.getByRole('radio', { name: /^A direct conversation/ }).check();
    await page.getByRole('textbox', { name: /^People/ }).fill(people);
    await page.getByRole('button', { name: 'Create' }).click();
    await expect(page.getByRole('alert')).toHaveText(ONE_PERSON);
    await expect(page.getByRole('textbox', { name: /^People/ })).toHaveValue(people);
    await expect(page.getByRole('radio', { name: /^A direct conversation/ })).toBeChecked();
  }
});

test('who leaves is gone at once, on all their pages; an owner can not', async ({ chat, somebodyElse, problems }) => {
  problems.allow(/status of 404/);
  const { room, others } = await openGroup(chat, 'Book club', ['Budi', 'Citra'], somebodyElse);
  const [budi, citra] = others as [Chat, Chat];
  for (const each of [chat, citra]) await expect(each.page.getByText('3 here of 3')).toBeVisible();
  const leaving = await details(budi, room);
  await leaving.getByText('Leave…').click();
  await leaving.getByRole('button', { name: 'Leave the room' }).click();
  await expect(leaving).toHaveURL('/');
  for (const each of [chat, citra]) await expect(each.page.getByText('2 here of 2')).toBeVisible();
  await expect(budi.page.getByText('This conversation is not here')).toBeVisible();
  await expect(budi.roomLink('Book club')).toHaveCount(0);
  expect((await budi.page.request.get(`/api/room?room=${room}`)).status()).toBe(404);

  const about = await details(chat, room);
  await expect(about.getByRole('heading', { name: 'Archive, leave, delete' })).toBeVisible();
  await expect(about.getByText('Leave…')).toHaveCount(0);
  await expect(about.getByText('Delete…')).toBeVisible();
  await expect(about.getByText('To leave it, hand it over to somebody else first.')).toBeVisible();
  await about.close();
});

test('an archived room goes to its place in the list, for all, and comes back', async ({ chat, somebodyElse }) => {
  const { room, others } = await openGroup(chat, 'Book club', ['Budi'], somebodyElse);
  const [budi] = others as [Chat];
  const message = await say(chat, 'The end');
  await expect(messageOf(budi, 'The end')).toBeVisible();
  await command(chat.page.request, 'room:change', { room, is_archived: true });
  for (const each of [chat, budi]) {
    await expect(each.roomLink('Book club')).toBeHidden();
    await each.rooms.getByText('Archived', { exact: true }).click();
    await expect(each.roomLink('Book club')).toBeVisible();
  }
  await expect(await offered(chat, message)).toHaveText(['Copy', 'Copy link', 'Mark unread']);
  await expect(chat.send).toBeHidden();
  await command(chat.page.request, 'room:change', { room, is_archived: false });
  for (const each of [chat, budi]) {
    await expect(each.rooms.getByText('Archived', { exact: true })).toBeHidden();
    await expect(each.roomLink('Book club')).toBeVisible();
  }
});
