import { expect, test } from '../support/fixtures.ts';
import type { Chat } from '../support/chat.ts';
import { storedReply } from '../support/conversation.ts';
import type { Simulator } from '../support/simulator.ts';

async function expectNextIsAnswered(chat: Chat, simulator: Simulator): Promise<void> {
  const next = 'Something shorter /sim rate=0 thinking_rate=0';
  await chat.ask(next);
  await chat.expectReply(await simulator.reply(next));
}

async function expectCallClosed(simulator: Simulator, prompt: string): Promise<void> {
  await expect.poll(async () => (await simulator.calls(prompt))[0]?.outcome).toBe('closed_by_client');
}

test('a stopped reply goes on in its place, to exactly what the model said', async ({ chat, simulator }) => {
  const prompt = 'Go on /sim rate=100 no_thinking tokens=300 unicode gate=middle@60';
  await chat.ask(prompt);
  await simulator.untilAt('middle');
  await chat.stop.click();
  await chat.untilStatus('stopped');
  await simulator.release('middle');
  await chat.reply.getByRole('button', { name: 'Continue' }).click();
  await chat.expectReply(await simulator.reply(prompt));
  await expect(chat.replies, 'it is still the same message').toHaveCount(1);
  expect(await simulator.calls(prompt)).toHaveLength(2);
});

for (const [moment, gate] of [
  ['before the model has answered at all', 'first@headers'],
  ['before the first token', 'first@start'],
] as const) {
  test(`stop ${moment}`, async ({ chat, page, person, simulator }) => {
    const prompt = `Never mind /sim rate=200 thinking_rate=200 gate=${gate}`;
    await chat.ask(prompt);
    await simulator.untilAt('first');
    await expect(chat.reply.getByText(/Kimi is (about to answer|thinking)/)).toBeVisible();
    await chat.stop.click();
    await chat.untilStatus('stopped');
    await expect(chat.reply).toContainText(`Stopped by ${person.name}.`);
    await expect(chat.stop).toBeHidden();
    await expectCallClosed(simulator, prompt);
    expect((await storedReply(page)).text ?? '').toBe('');
    await expectNextIsAnswered(chat, simulator);
  });
}

test('stop while it thinks', async ({ chat, page, simulator }) => {
  const prompt = 'Think about this /sim rate=200 thinking_rate=200 gate=thought@thinking:20';
  await chat.ask(prompt);
  await simulator.untilAt('thought');
  await chat.untilStatus('thinking');
  await chat.stop.click();
  await chat.untilStatus('stopped');
  await expectCallClosed(simulator, prompt);
  const reply = await storedReply(page);
  expect(reply.text ?? '').toBe('');
  expect(reply.thinking, 'the thinking so far is kept').not.toBe('');
  await expectNextIsAnswered(chat, simulator);
});

test('stop in the middle keeps the text so far', async ({ chat, page, person, simulator }) => {
  const prompt = 'Count the stars /sim rate=200 thinking_rate=200 gate=middle@90';
  await chat.ask(prompt);
  await simulator.untilAt('middle');
  const beginning = await simulator.beginning(prompt, 90);
  await chat.untilReplyIs(beginning);
  await chat.stop.click();
  const { thinking } = await simulator.reply(prompt);
  await chat.expectReply({ text: beginning, thinking }, 'stopped');
  await expect(chat.reply).toContainText(`Stopped by ${person.name}.`);
  await expect(chat.stop).toBeHidden();
  await expectCallClosed(simulator, prompt);

  await page.reload();
  await chat.untilLive();
  await chat.expectReply({ text: beginning, thinking }, 'stopped');
  await expectNextIsAnswered(chat, simulator);
});

test('a second tab can stop it', async ({ chat, page, context, simulator }) => {
  const prompt = 'Say it all /sim rate=200 thinking_rate=200 gate=middle@40';
  await chat.ask(prompt);
  await simulator.untilAt('middle');
  const other = await context.newPage();
  await other.goto(page.url());
  await other.getByRole('button', { name: 'Stop', exact: true }).click();
  await chat.untilStatus('stopped');
  await expectCallClosed(simulator, prompt);
});

test('leaving is not stopping', async ({ chat, page, simulator }) => {
  const prompt = 'Go on without me /sim rate=200 thinking_rate=200 gate=middle@40';
  await chat.ask(prompt);
  await simulator.untilAt('middle');
  const room = page.url();
  await page.goto('about:blank');
  await simulator.release('middle');
  await expect.poll(async () => (await simulator.calls(prompt))[0]?.outcome).toBe('finished');
  await page.goto(room);
  await chat.untilLive();
  await chat.expectReply(await simulator.reply(prompt));
});
