import { test as base, expect } from '../support/fixtures.ts';
import { stored } from '../support/conversation.ts';
import { Gateway, type Streams } from '../support/gateway.ts';

const test = base.extend<{ gateway: Gateway; streams: Streams }>({
  streams: ['pass', { option: true }],
  gateway: async ({ network, streams }, use) => {
    const gateway = await Gateway.start(network.url);
    gateway.streams = streams;
    await use(gateway);
    await gateway.stop();
  },
  baseURL: async ({ gateway }, use) => {
    await use(gateway.url);
  },
});

test.beforeEach(({ problems }) => {
  problems.allowNetworkErrors();
  problems.allow(/WebSocket connection to .* failed/);
  problems.allow(/status of 502/);
});

const WAYS: Array<{ way: string; note: string; streams: Streams; why: string }> = [
  { way: 'event-stream', note: 'Connected by event stream', streams: 'pass', why: 'no WebSocket gets through' },
  { way: 'long-poll', note: 'Connected by polling', streams: 'refuse', why: 'no stream gets through either' },
  { way: 'long-poll', note: 'Connected by polling', streams: 'hold', why: 'streams are held back by a proxy' },
];

for (const { way, note, streams, why } of WAYS) {
  test.describe(`${why}: ${way}`, () => {
    test.use({ streams });

    test('a reply streams exactly, can be stopped, and another room opens', async ({ chat, page, simulator }) => {
      test.setTimeout(150_000);
      await expect(chat.connection).toHaveAttribute('data-transport', way);
      await expect(chat.connection.locator('.banner')).toBeHidden();
      await expect(chat.rooms).toContainText(note);

      const prompt = 'What is a tunnel? /sim rate=200 thinking_rate=200 unicode gate=middle@60';
      await chat.ask(prompt);
      await simulator.untilAt('middle');
      await chat.untilReplyIs(await simulator.beginning(prompt, 60));
      await simulator.release('middle');
      await chat.expectReply(await simulator.reply(prompt));
      expect(await simulator.calls(prompt)).toHaveLength(1);
      const first = page.url();

      const long = 'Never ends /sim rate=200 thinking_rate=200 gate=half@30';
      await chat.ask(long);
      await simulator.untilAt('half');
      await chat.stop.click();
      await chat.untilStatus('stopped');
      await expect.poll(async () => (await simulator.calls(long))[0]?.outcome).toBe('closed_by_client');

      await chat.rooms.getByRole('link', { name: 'New conversation' }).first().click();
      const second = 'Another room /sim rate=200 thinking_rate=200';
      await chat.ask(second);
      await chat.expectReply(await simulator.reply(second));
      expect(page.url()).not.toBe(first);
      await page.goBack();
      await page.goBack();
      await expect(page).toHaveURL(first);
      await expect(chat.replies).toHaveCount(2);
      expect(await stored(page)).toHaveLength(4);
    });
  });
}

test('cut again and again, an event stream resumes exactly', async ({ chat, network, simulator }) => {
  const prompt = 'Tell me of tides /sim rate=60 tokens=300 thinking_rate=200 unicode';
  await chat.ask(prompt);
  const reply = await simulator.reply(prompt);
  for (const share of [0.1, 0.3, 0.5]) {
    const shownLength = async (): Promise<number> => (await chat.replyText.textContent())?.length ?? 0;
    await expect.poll(shownLength, { timeout: 30_000, intervals: [20] }).toBeGreaterThan(reply.text.length * share);
    network.cut();
  }
  await chat.expectReply(reply);
  expect(await simulator.calls(prompt)).toHaveLength(1);
});

test('when WebSockets get through again, the page goes back to one', async ({ chat, gateway, page, simulator }) => {
  await expect(chat.connection).toHaveAttribute('data-transport', 'event-stream');
  gateway.isSocketBlocked = false;
  // The network is another one, says the browser; otherwise it takes minutes.
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await expect(chat.connection).toHaveAttribute('data-transport', 'websocket');
  await expect(chat.rooms).toContainText('Connected by WebSocket');
  const prompt = 'Back again /sim rate=200 thinking_rate=200';
  await chat.ask(prompt);
  await chat.expectReply(await simulator.reply(prompt));
});

test('a page that is left ends its event stream at the server', async ({ chat, page, network }) => {
  await expect(chat.connection).toHaveAttribute('data-transport', 'event-stream');
  await page.goto('about:blank');
  await expect.poll(() => network.open, { message: 'connections that are open' }).toBe(0);
});
