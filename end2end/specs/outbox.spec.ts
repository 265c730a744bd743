import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { type BrowserContext, chromium, type Page } from '@playwright/test';

import { expect, test } from '../support/fixtures.ts';
import { Chat } from '../support/chat.ts';
import { stored } from '../support/conversation.ts';
import type { FaultProxy } from '../proxy.ts';
import { register } from '../support/people.ts';
import type { Simulator } from '../support/simulator.ts';

test.beforeEach(({ problems }) => problems.allowNetworkErrors());

const QUICK = '/sim rate=0 thinking_rate=0';

/** Pages load, but nothing connects, until what is returned is called. */
async function withoutTickets(context: BrowserContext, network: FaultProxy): Promise<() => Promise<void>> {
  await context.route('**/api/ticket', (route) => route.abort('connectionfailed'));
  network.cut();
  return async () => {
    await context.unroute('**/api/ticket');
    // Instead of waiting for the next try.
    for (const page of context.pages()) await page.evaluate(() => dispatchEvent(new Event('online')));
  };
}

function pending(page: Page, text: string): ReturnType<Page['locator']> {
  return page.locator('article.pending').filter({ hasText: text });
}

async function say(chat: Chat, text: string): Promise<void> {
  await chat.field.fill(text);
  await chat.field.press('Enter');
  await expect(chat.field).toHaveValue('');
}

async function begin(chat: Chat, simulator: Simulator): Promise<void> {
  const first = `Hello there ${QUICK}`;
  await chat.ask(first);
  await chat.expectReply(await simulator.reply(first));
}

/** Each was sent once and asked once, and they stand in this order. */
async function expectOnceInOrder(page: Page, simulator: Simulator, prompts: string[]): Promise<void> {
  for (const prompt of prompts) {
    await expect.poll(async () => (await simulator.calls(prompt)).length, { message: prompt }).toBe(1);
  }
  await expect(page.locator('article.pending')).toHaveCount(0);
  const texts = (await stored(page)).map((message) => message.text ?? '');
  expect(texts.filter((text) => prompts.includes(text))).toEqual(prompts);
  const kept = await page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes(':outbox:')));
  expect(kept, 'what is left in the storage').toEqual([]);
}

/** Open WebUI 0.12.4, measured: a prompt sent offline was gone after a reload. */
test('what was sent offline survives a reload, and goes out once and in order', async ({
  chat,
  context,
  network,
  page,
  simulator,
}) => {
  await begin(chat, simulator);
  const connect = await withoutTickets(context, network);
  await chat.untilDisconnected();
  const prompts = [`First ${QUICK}`, `Second ${QUICK}`, `Third ${QUICK}`];
  for (const prompt of prompts) await say(chat, prompt);
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-live', '');
  await expect(page.locator('article.pending .bubble')).toHaveText(prompts);
  await expect(page.locator('article.pending').first()).toContainText('Waiting for the connection');

  await connect();
  await chat.untilConnected();
  await expectOnceInOrder(page, simulator, prompts);
});

test('... and a room that was begun offline, and a restart of the browser', async ({
  baseURL,
  launchOptions,
  network,
  person,
  problems,
  simulator,
}) => {
  // The address of a room that only this browser knows.
  problems.allow(/status of 404/);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sitespark-browser-'));
  const launch = async (): Promise<BrowserContext> => {
    const context = await chromium.launchPersistentContext(folder, { ...launchOptions, baseURL });
    problems.watch(context);
    return context;
  };
  let context = await launch();
  try {
    await register(context.request, person);
    let page = await context.newPage();
    let chat = new Chat(page);
    await chat.open('/');
    await withoutTickets(context, network);
    await chat.untilDisconnected();
    const prompts = [`Begun in a train ${QUICK}`, `Still in the train ${QUICK}`];
    for (const prompt of prompts) await say(chat, prompt);
    await expect(page.locator('article.pending')).toHaveCount(2);
    const address = new URL(page.url()).pathname;
    await context.close();

    context = await launch();
    page = await context.newPage();
    chat = new Chat(page);
    await page.goto(address);
    await chat.untilLive();
    await expectOnceInOrder(page, simulator, prompts);
  } finally {
    await context.close();
    await rm(folder, { recursive: true, force: true });
  }
});

test('what waits can be cancelled one by one, and comes back into the composer', async ({
  chat,
  context,
  network,
  page,
  simulator,
}) => {
  await begin(chat, simulator);
  const connect = await withoutTickets(context, network);
  await chat.untilDisconnected();
  const [kept, first, second] = [`Keep this ${QUICK}`, `Cancel this ${QUICK}`, `And this ${QUICK}`];
  for (const prompt of [first, kept, second]) await say(chat, prompt);

  await pending(page, first).getByRole('button', { name: 'Cancel' }).click();
  await expect(pending(page, first)).toHaveCount(0);
  await expect(chat.field).toHaveValue(first);
  await pending(page, second).getByRole('button', { name: 'Cancel' }).click();
  await expect(pending(page, second)).toHaveCount(0);
  await expect(chat.field, 'what is being written is not touched').toHaveValue(first);

  await connect();
  await chat.untilConnected();
  await expectOnceInOrder(page, simulator, [kept]);
  expect(await simulator.calls(first)).toEqual([]);
  expect(await simulator.calls(second)).toEqual([]);
});

test('what was refused says why, and is sent again or discarded one by one', async ({
  chat,
  network,
  page,
  simulator,
}) => {
  await begin(chat, simulator);
  // The server's refusal of two messages, as it would come over the same socket.
  let isRefusing = true;
  await page.routeWebSocket('**/ws', (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      const frame = JSON.parse(String(message)) as { type: string; id: string };
      if (frame.type !== 'chat:message' || !isRefusing) return server.send(message);
      const payload = { code: 'forbidden', message: 'You may only read here.' };
      socket.send(JSON.stringify({ type: 'error', id: frame.id, payload }));
    });
  });
  network.cut();
  await page.reload();
  await chat.untilLive();
  const [again, discarded] = [`Once more ${QUICK}`, `Never mind ${QUICK}`];
  for (const prompt of [again, discarded]) await say(chat, prompt);
  await expect(pending(page, again)).toContainText('You may only read here.');
  await pending(page, discarded).getByRole('button', { name: 'Discard' }).click();
  await expect(pending(page, discarded)).toHaveCount(0);
  isRefusing = false;
  await pending(page, again).getByRole('button', { name: 'Retry' }).click();
  await expectOnceInOrder(page, simulator, [again]);
  expect(await simulator.calls(discarded)).toEqual([]);
});

/** Exactly once by the command's identifier, whoever sends it. */
test('the same message from two tabs is one', async ({ chat, context, network, page, simulator }) => {
  await begin(chat, simulator);
  const connect = await withoutTickets(context, network);
  await chat.untilDisconnected();
  const prompt = `From both ${QUICK}`;
  await say(chat, prompt);
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(pending(other, prompt)).toHaveCount(1);

  await connect();
  await new Chat(other).untilConnected();
  await chat.untilConnected();
  await expectOnceInOrder(page, simulator, [prompt]);
  await expect(other.locator('article.member').filter({ hasText: prompt })).toHaveCount(1);
  await expect(other.locator('article.pending')).toHaveCount(0);
});

test('a message that is cancelled in one tab is gone in the other', async ({ chat, context, network, page, simulator }) => {
  await begin(chat, simulator);
  await withoutTickets(context, network);
  await chat.untilDisconnected();
  const prompt = `Not after all ${QUICK}`;
  await say(chat, prompt);
  const other = await context.newPage();
  await other.goto(page.url());
  await pending(other, prompt).getByRole('button', { name: 'Cancel' }).click();
  await expect(pending(page, prompt)).toHaveCount(0);
});

test('drafts are kept per room, over a reload, and until they are sent', async ({ chat, page, simulator }) => {
  await chat.field.fill('For a new one');
  const first = `Room with a draft ${QUICK}`;
  await page.reload();
  await chat.untilLive();
  await expect(chat.field).toHaveValue('For a new one');
  await chat.ask(first);
  await chat.expectReply(await simulator.reply(first));
  await chat.field.fill('For this room');
  await chat.rooms.getByRole('link', { name: 'New conversation' }).first().click();
  await expect(chat.field, 'it was sent').toHaveValue('');
  await chat.field.fill('Something else');
  await page.goBack();
  await expect(chat.field).toHaveValue('For this room');
  await page.reload();
  await chat.untilLive();
  await expect(chat.field).toHaveValue('For this room');
  await page.goto('/');
  await chat.untilLive();
  await expect(chat.field).toHaveValue('Something else');
});

test('signing out forgets drafts and what was not sent, and asks before', async ({
  chat,
  context,
  network,
  page,
  person,
  simulator,
}) => {
  await begin(chat, simulator);
  await chat.field.fill('Half a thought');
  await chat.rooms.getByRole('link', { name: 'New conversation' }).first().click();
  await page.goBack();
  const connect = await withoutTickets(context, network);
  await chat.untilDisconnected();
  await expect(chat.field).toHaveValue('Half a thought');
  await say(chat, `Lost for good ${QUICK}`);
  await chat.field.fill('Half a thought');
  const signOut = chat.rooms.getByRole('button', { name: 'Sign out' });
  await signOut.click();
  await expect(chat.rooms).toContainText('One thing you did is not sent yet and would be lost.');
  await chat.rooms.getByRole('button', { name: 'Stay' }).click();
  await expect(chat.rooms.getByRole('alert')).toBeHidden();
  await signOut.click();
  await signOut.click();
  await expect(page).toHaveURL('/sign-in');
  expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);

  await connect();
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await chat.untilLive();
  await expect(chat.field).toHaveValue('');
  expect(await simulator.calls('Lost for good')).toEqual([]);
});

test('without room in the storage it goes on in memory', async ({ chat, context, network, page, simulator }) => {
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  });
  await page.reload();
  await chat.untilLive();
  await begin(chat, simulator);
  const connect = await withoutTickets(context, network);
  await chat.untilDisconnected();
  const prompt = `Only in memory ${QUICK}`;
  await say(chat, prompt);
  await connect();
  await chat.untilConnected();
  await expectOnceInOrder(page, simulator, [prompt]);
});
