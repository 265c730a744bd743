/** Rooms of several people, made without the forms where the forms are not what is tested. */
import { randomUUID } from 'node:crypto';

import { type APIRequestContext, expect } from '@playwright/test';

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
