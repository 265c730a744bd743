import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { expect, test } from '../support/fixtures.ts';
import { Chat } from '../support/chat.ts';
import type { StoredMessage } from '../support/conversation.ts';
import { FaultProxy } from '../proxy.ts';
import { startServer } from '../support/processes.ts';

test.beforeEach(({ problems }) => {
  problems.allowNetworkErrors();
  problems.allow(/status of 503/);
  problems.allow(/WebSocket connection to .* failed/);
});

/** open-webui #26315 and #26844, chat-ui PR #2589: "still thinking" after a phone slept. */
test('a page that is frozen while the reply ends shows all of it when it goes on', async ({
  chat,
  context,
  network,
  page,
  simulator,
}) => {
  const prompt = 'What is sleep? /sim rate=200 thinking_rate=200 gate=middle@60';
  await chat.ask(prompt);
  await simulator.untilAt('middle');
  await chat.untilReplyIs(await simulator.beginning(prompt, 60));
  const devtools = await context.newCDPSession(page);
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  network.cut();
  await simulator.release('middle');
  await expect.poll(async () => (await simulator.calls(prompt))[0]?.outcome).toBe('finished');
  await devtools.send('Page.setWebLifecycleState', { state: 'active' });
  await chat.expectReply(await simulator.reply(prompt));
  await chat.untilConnected();
  expect(await simulator.calls(prompt)).toHaveLength(1);
});

/** stream-chat-js #698, nextcloud/text #8005: timers of hidden pages run once a minute, or not at all. */
test('a hidden page whose clock has jumped shows all of it when it is looked at', async ({
  chat,
  network,
  page,
  simulator,
}) => {
  await page.clock.install();
  await page.reload();
  await chat.untilLive();
  const prompt = 'What is an hour? /sim rate=200 thinking_rate=200 gate=middle@60';
  await chat.ask(prompt);
  await simulator.untilAt('middle');
  await chat.untilReplyIs(await simulator.beginning(prompt, 60));
  const show = (state: 'hidden' | 'visible'): Promise<void> =>
    page.evaluate((state) => {
      Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    }, state);
  await show('hidden');
  await network.refuse();
  await simulator.release('middle');
  await expect.poll(async () => (await simulator.calls(prompt))[0]?.outcome).toBe('finished');
  await page.clock.fastForward('01:00:00');
  await network.accept();
  await show('visible');
  await chat.expectReply(await simulator.reply(prompt));
  await chat.untilConnected();
});

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  /** LibreChat #1548: a restart in the middle of a reply lost its context. */
  test(`the server is restarted under an open page: ${signal}`, async ({ page, person, services, simulator }) => {
    test.setTimeout(180_000);
    const folder = await mkdtemp(path.join(os.tmpdir(), 'sitespark-restart-'));
    const variables = {
      SITESPARK_DATA: path.join(folder, 'data'),
      KIMI_BASE_URL: `${services.simulator.url}/v1`,
      KIMI_API_KEY: 'sk-test',
    };
    let server = await startServer(variables);
    const network = await FaultProxy.start(server.url);
    try {
      await page.goto(`${network.url}/register`);
      await page.getByLabel('Name').fill(person.name);
      await page.getByLabel('E-mail').fill(person.email);
      await page.getByLabel('Password').fill(person.password);
      await page.getByRole('button', { name: 'Create account' }).click();
      const chat = new Chat(page);
      await chat.untilLive();
      const before = 'Before it /sim rate=0 thinking_rate=0';
      await chat.ask(before);
      await chat.untilStatus('done');
      await expect(chat.replyText.locator('[data-rich]'), 'its code is in colours').toHaveCount(0);
      const shown = await chat.replyText.innerHTML();

      await server.end(signal);
      await server.stop();
      await chat.untilDisconnected();
      expect(await chat.replyText.innerHTML(), 'what was there stays').toBe(shown);
      const prompt = 'During it /sim rate=0 thinking_rate=0';
      await chat.field.fill(prompt);
      await chat.field.press('Enter');
      await expect(page.locator('article.pending')).toContainText('Waiting for the connection');
      server = await startServer(variables);
      network.retarget(server.url);
      await chat.untilConnected();
      await expect(chat.replies).toHaveCount(2);
      await chat.untilStatus('done');
      expect(await simulator.calls(prompt)).toHaveLength(1);

      // And once more in the middle of a reply: what is there stays, and the rest follows.
      const across = 'Across it /sim rate=30 no_thinking tokens=500 unicode';
      await chat.ask(across);
      await expect.poll(async () => (await chat.replyText.textContent())?.length).toBeGreaterThan(50);
      await server.end(signal);
      await server.stop();
      await chat.untilDisconnected();
      const beginning = ((await chat.replyText.textContent()) ?? '').slice(0, 50);
      server = await startServer(variables);
      network.retarget(server.url);
      await chat.untilStatus('done');
      const room = page.url().split('/').pop();
      const snapshot = await page.request.get(`${network.url}/api/room?room=${room}`);
      const { messages } = (await snapshot.json()) as { messages: StoredMessage[] };
      expect(messages.at(-1)?.text).toBe((await simulator.reply(across)).text);
      expect((await chat.replyText.textContent())?.startsWith(beginning)).toBe(true);
      expect(await page.evaluate(() => performance.getEntriesByType('navigation').length)).toBe(1);
    } finally {
      await server.stop();
      await network.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
}
