/** Rooms of several people, made without the forms where the forms are not what is tested, and what is done in them. */
import { randomUUID } from 'node:crypto';

import { type APIRequestContext, expect, type Locator, type Page } from '@playwright/test';

import { Chat } from './chat.ts';
import { newPerson, type Person } from './people.ts';

/** Does one command as the page's own connection would, and expects its `ack`. Returns its identifier. */
export async function command(request: APIRequestContext, type: string, payload: object): Promise<string> {
  const id = randomUUID();
  const response = await request.post('/api/commands', { data: { type, id, payload } });
  const answer = (await response.json()) as { type: string };
  expect(answer.type, JSON.stringify(answer)).toBe('ack');
  return id;
}

/** A group of whoever makes it and of others, by their e-mail addresses. Kimi answers when it is mentioned. */
export async function createGroup(request: APIRequestContext, title: string, others: string[]): Promise<string> {
  const room = randomUUID();
  await command(request, 'room:create', { room, title, kind: 'group', with: others });
  await command(request, 'room:change', { room, kimi: 'mentioned' });
  return room;
}

/** A group, and the open page of each of its members: of its owner first. */
export async function openGroup(
  chat: Chat,
  title: string,
  names: string[],
  somebodyElse: (person: Person) => Promise<Page>,
): Promise<{ room: string; others: Chat[] }> {
  const persons = names.map((name) => newPerson(name));
  const others = [];
  for (const person of persons) others.push(new Chat(await somebodyElse(person)));
  const room = await createGroup(
    chat.page.request,
    title,
    persons.map((person) => person.email),
  );
  for (const each of [chat, ...others]) await each.open(`/room/${room}`);
  return { room, others };
}

/** Says it in the open room, and waits until it stands there. */
export async function say(chat: Chat, text: string): Promise<Locator> {
  await chat.field.fill(text);
  await chat.field.press('Enter');
  const message = messageOf(chat, text);
  await expect(message).toBeVisible();
  return message;
}

export function messageOf(chat: Chat, text: string): Locator {
  return chat.page.locator('article[data-message]', { hasText: text });
}

/** Points at a message and presses what the toolbar offers. */
export async function choose(chat: Chat, message: Locator, action: string): Promise<void> {
  await message.hover();
  const toolbar = chat.page.getByRole('toolbar', { name: 'For this message' });
  await toolbar.getByRole('button', { name: action, exact: true }).click();
}
