/** Rooms by their forms: made, joined by a link, handed on, left. They need no script, but others' pages follow live. */
import type { Page } from '@playwright/test';

import { Chat } from '../support/chat.ts';
import { expect, test } from '../support/fixtures.ts';
import { newPerson, type Person } from '../support/people.ts';
import { createGroup, messageOf, openGroup, say } from '../support/rooms.ts';

async function invite(page: Page, room: string, uses?: number): Promise<string> {
  await page.goto(`/room/${room}/details`);
  if (uses !== undefined) await page.getByLabel('For so many people').fill(String(uses));
  await page.getByRole('button', { name: 'Make a link' }).click();
  return page.getByLabel('Link of the invitation, to copy').inputValue();
}

async function signUp(page: Page, person: Person): Promise<void> {
  await page.getByLabel('Name').fill(person.name);
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Create account' }).click();
}

test('a new room with people: what is wrong is said, and nothing typed is lost', async ({
  chat,
  page,
  somebodyElse,
  problems,
}) => {
  problems.allow(/status of 404/);
  const budi = newPerson('Budi');
  const other = new Chat(await somebodyElse(budi));
  await other.open('/');
  await chat.rooms.getByRole('link', { name: 'New room with people' }).click();
  await page.getByRole('textbox', { name: /^Name/ }).fill('Book club');
  await page.getByRole('textbox', { name: /^People/ }).fill(`${budi.email}, nobody@example.org`);
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('alert')).toContainText('nobody@example.org');
  await expect(page.getByRole('textbox', { name: /^Name/ })).toHaveValue('Book club');
  await page.getByRole('textbox', { name: /^People/ }).fill(budi.email);
  await page.getByRole('button', { name: 'Create' }).click();
  await chat.untilLive();
  await expect(page.getByRole('heading', { level: 1, name: 'Book club' })).toBeVisible();
  // It is on the other's open page, too.
  await other.roomLink('Book club').click();
  await say(other, 'Which book?');
  await expect(messageOf(chat, 'Which book?')).toBeVisible();
});

test('who has a link joins by it, also without an account so far; a used or revoked one says so', async ({
  chat,
  page,
  browser,
  baseURL,
  problems,
}) => {
  problems.allow(/status of 4\d\d/);
  const room = await createGroup(page.request, 'Book club', []);
  const link = await invite(page, room, 1);
  const context = await browser.newContext({ baseURL });
  const guest = await context.newPage();
  await guest.goto(link);
  await guest.getByRole('link', { name: /create/i }).first().click();
  await signUp(guest, newPerson('Citra'));
  await expect(guest.getByRole('heading', { name: 'Book club' })).toBeVisible();
  await guest.getByRole('button', { name: 'Join' }).click();
  const citra = new Chat(guest);
  await citra.untilLive();
  await chat.open(`/room/${room}`);
  await say(citra, 'Here I am');
  await expect(messageOf(chat, 'Here I am')).toBeVisible();

  const late = await browser.newContext({ baseURL });
  const latecomer = await late.newPage();
  await latecomer.goto('/register');
  await signUp(latecomer, newPerson('Dewi'));
  await latecomer.goto(link);
  await expect(latecomer.getByRole('main')).toContainText(/used/i);
  await expect(latecomer.getByRole('button', { name: 'Join' })).toBeHidden();

  const second = await invite(page, room, 5);
  await page.getByRole('button', { name: 'Revoke' }).first().click();
  await latecomer.goto(second);
  await expect(latecomer.getByRole('button', { name: 'Join' })).toBeHidden();
  await context.close();
  await late.close();
});

test('roles change what can be done, and ownership goes to somebody else', async ({ chat, page, somebodyElse }) => {
  const { room, others } = await openGroup(chat, 'Book club', ['Budi'], somebodyElse);
  const [budi] = others as [typeof chat];
  await page.goto(`/room/${room}/details`);
  await page.getByRole('link', { name: 'Change Budi' }).click();
  await page.getByLabel('Role').selectOption('Admin');
  await page.getByRole('button', { name: 'Save the role' }).click();
  // An admin renames; the button is there without a reload.
  await budi.roomLink('Book club').hover();
  await expect(budi.page.getByRole('button', { name: 'Rename Book club' })).toBeVisible();
  await expect(budi.page.getByRole('button', { name: 'Delete Book club' })).toHaveCount(0);

  await page.getByRole('link', { name: 'Change Budi' }).click();
  await page.getByText('Hand the room over…').click();
  await page.getByRole('button', { name: 'Make Budi the owner' }).click();
  await budi.roomLink('Book club').hover();
  await expect(budi.page.getByRole('button', { name: 'Delete Book club' })).toBeVisible();

  // Ana may leave now, and is gone from the room.
  await page.goto(`/room/${room}/details`);
  await page.getByText('Leave…').click();
  await page.getByRole('button', { name: 'Leave the room' }).click();
  await expect(page.getByRole('link', { name: 'Book club' })).toHaveCount(0);
  await budi.page.locator('.about > summary').click();
  await expect(budi.page.locator('.company')).not.toContainText('Ana');
});

test('an archived room is only read', async ({ chat, page, somebodyElse }) => {
  const { room, others } = await openGroup(chat, 'Book club', ['Budi'], somebodyElse);
  const [budi] = others as [typeof chat];
  await say(chat, 'The end');
  await page.goto(`/room/${room}/details`);
  await page.getByText('Archive…').click();
  await page.getByRole('button', { name: 'Archive the room' }).click();
  await expect(budi.page.getByText('This conversation is archived. Nothing can be said in it.')).toBeVisible();
  await expect(budi.field).toBeHidden();
  await page.goto(`/room/${room}/details`);
  await page.getByRole('button', { name: 'Bring it back' }).click();
  await expect(budi.field).toBeEnabled();
  await say(budi, 'The sequel');
  await expect(budi.said.last()).toContainText('The sequel');
});
