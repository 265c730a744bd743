import { expect, test } from '../support/fixtures.ts';
import { stored, storedReply } from '../support/conversation.ts';
import { growth, watchGrowth } from '../support/growth.ts';

test.beforeEach(({ problems }) => problems.allowNetworkErrors());

test('cut in the middle: the text stays and the rest follows exactly', async ({ chat, page, network, simulator }) => {
  const prompt = 'What is a tide? /sim rate=200 thinking_rate=200 gate=middle@100';
  await chat.ask(prompt);
  await simulator.untilAt('middle');
  await chat.untilReplyIs(await simulator.beginning(prompt, 100));
  const before = await chat.replyText.innerHTML();

  // Nobody gets through until the model has gone on, so that the rest is surely missed.
  await network.refuse();
  await chat.untilDisconnected();
  expect(await chat.replyText.innerHTML(), 'the text so far stays').toBe(before);
  await simulator.release('middle');
  await expect.poll(async () => (await simulator.calls(prompt))[0]?.outcome).toBe('finished');
  await network.accept();
  await chat.untilConnected();
  await chat.expectReply(await simulator.reply(prompt));
  expect(await simulator.calls(prompt), 'a cut asks nobody again').toHaveLength(1);
  expect(await page.evaluate(() => performance.getEntriesByType('navigation').length)).toBe(1);
});

test('cut again and again while the text flows', async ({ chat, page, network, simulator }) => {
  const prompt = 'Tell me about the moon /sim rate=60 tokens=600 thinking_rate=200 unicode';
  await watchGrowth(page);
  await page.reload();
  await chat.untilLive();
  await chat.ask(prompt);
  const reply = await simulator.reply(prompt);
  for (const share of [0.02, 0.15, 0.3, 0.45, 0.6]) {
    const length = reply.text.length * share;
    const shownLength = async (): Promise<number> => (await chat.replyText.textContent())?.length ?? 0;
    await expect.poll(shownLength, { timeout: 40_000, intervals: [20] }).toBeGreaterThan(length);
    network.cut();
  }
  await chat.expectReply(reply);
  const lengths = await growth(page);
  const shrunk = lengths.filter((length, index) => length < (lengths[index - 1] ?? 0) - 8);
  expect(shrunk, `lengths: ${lengths}`).toEqual([]);
  expect(await simulator.calls(prompt)).toHaveLength(1);
});

test('refused for 5 s: a countdown is shown, and the rest follows exactly', async ({ chat, network, simulator }) => {
  const prompt = 'What is a volcano? /sim rate=100 thinking_rate=200 gate=middle@80';
  await chat.ask(prompt);
  await simulator.untilAt('middle');
  await chat.untilReplyIs(await simulator.beginning(prompt, 80));
  const before = await chat.replyText.innerHTML();

  const back = network.refuseFor(5_000);
  await chat.untilDisconnected();
  await expect(chat.connection).toHaveText(/Connection lost\. Next try in \d+ s\./);
  await expect(chat.connection.getByRole('button', { name: 'Try now' })).toBeVisible();
  expect(await chat.replyText.innerHTML(), 'the text so far stays').toBe(before);
  await simulator.release('middle');
  await back;
  await chat.untilConnected();
  await expect(chat.connection.locator('.banner'), 'no banner outlives what it stands for').toBeHidden();
  await chat.expectReply(await simulator.reply(prompt));
  expect(await simulator.calls(prompt)).toHaveLength(1);
});

test('the countdown counts, and “Try now” tries now', async ({ chat, network }) => {
  await network.refuse();
  const seconds = async (): Promise<number> => {
    const text = (await chat.connection.textContent()) ?? '';
    return Number(/Next try in (\d+) s/.exec(text)?.[1] ?? 0);
  };
  // The delays grow at random; one of this length comes within the first tries.
  await expect.poll(seconds, { timeout: 50_000, intervals: [50] }).toBeGreaterThan(3);
  const first = await seconds();
  await expect.poll(seconds, { intervals: [50] }).toBeLessThan(first);
  await network.accept();
  await chat.connection.getByRole('button', { name: 'Try now' }).click();
  await expect(chat.connection).toHaveAttribute('data-state', 'live', { timeout: 5_000 });
});

test('what is sent without a connection goes out once when it is back', async ({ chat, page, network, simulator }) => {
  const first = 'Good morning /sim rate=0 thinking_rate=0';
  await chat.ask(first);
  await chat.expectReply(await simulator.reply(first));

  await network.refuse();
  await chat.untilDisconnected();
  const prompt = 'Sent in a tunnel /sim rate=0 thinking_rate=0';
  await chat.field.fill(prompt);
  await chat.field.press('Enter');
  await expect(chat.said.last()).toContainText('Sent in a tunnel');
  await expect(chat.said.last().getByText('Waiting for the connection')).toBeVisible();
  await network.accept();
  await chat.untilConnected();
  await expect(chat.replies).toHaveCount(2);
  await chat.expectReply(await simulator.reply(prompt));
  await expect(chat.said).toHaveCount(2);
  expect((await stored(page)).filter((message) => message.text === prompt)).toHaveLength(1);
  expect(await simulator.calls(prompt)).toHaveLength(1);
});

test('a message whose acknowledgement is cut off is sent once', async ({ chat, page, network, simulator }) => {
  const first = 'Good evening /sim rate=0 thinking_rate=0';
  await chat.ask(first);
  await chat.expectReply(await simulator.reply(first));

  // It arrives, but no answer comes back before the connection is gone.
  const prompt = 'Did you get this? /sim rate=0 thinking_rate=0';
  network.delay(400);
  await chat.field.fill(prompt);
  await chat.field.press('Enter');
  await expect.poll(async () => (await simulator.calls(prompt)).length, { intervals: [10] }).toBe(1);
  network.cut();
  network.delay(0);
  await chat.untilConnected();
  await expect(chat.replies).toHaveCount(2);
  await chat.expectReply(await simulator.reply(prompt));
  expect((await stored(page)).filter((message) => message.text === prompt)).toHaveLength(1);
  expect(await simulator.calls(prompt)).toHaveLength(1);
});

test('a line that swallows everything is given up, and the text is completed', async ({ chat, network, simulator }) => {
  test.setTimeout(120_000);
  const prompt = 'What is silence? /sim rate=200 thinking_rate=200 gate=middle@50';
  await chat.ask(prompt);
  await simulator.untilAt('middle');
  await chat.untilReplyIs(await simulator.beginning(prompt, 50));
  network.blackhole();
  await simulator.release('middle');
  // 35 s after the last frame, and the grace of a page that may have slept.
  await chat.untilDisconnected(50_000);
  network.cut();
  network.lift();
  await chat.untilConnected();
  await chat.expectReply(await simulator.reply(prompt));
  expect(await simulator.calls(prompt)).toHaveLength(1);
});

test('a slow line shows the same text', async ({ chat, page, network, simulator }) => {
  network.delay(250);
  const prompt = 'What is patience? /sim rate=150 thinking_rate=200 tokens=300';
  await chat.ask(prompt);
  await expect.poll(async () => (await storedReply(page)).run?.status, { timeout: 30_000 }).toBe('done');
  await chat.expectReply(await simulator.reply(prompt));
});

test('signed out elsewhere: the page says so and writing is explained', async ({ chat, page, context, problems }) => {
  problems.allow(/status of 401/);
  const other = await context.newPage();
  await other.goto('/');
  await other.getByRole('button', { name: 'Sign out' }).click();
  await expect(other).toHaveURL('/sign-in');
  await expect(chat.connection).toContainText('You are signed out.');
  await expect(chat.hint).toHaveText('Sign in to write.');
  await expect(chat.send).toBeDisabled();
  await chat.connection.getByRole('link', { name: 'Sign in' }).click();
  await expect(page).toHaveURL('/sign-in');
});
