import { expect, test } from '../support/fixtures.ts';

test('a failed reply says why, and Retry answers', async ({ chat, simulator }) => {
  const prompt = 'Please fail once /sim rate=0 thinking_rate=0 fail=content_filter times=1';
  await chat.ask(prompt);
  await chat.untilStatus('failed');
  const outcome = chat.reply.locator('.outcome');
  await expect(outcome).toBeVisible();
  expect((await outcome.textContent())?.length, 'a sentence that says why').toBeGreaterThan(20);
  await expect(chat.stop).toBeHidden();
  await outcome.getByRole('button', { name: 'Retry' }).click();
  await chat.expectReply(await simulator.reply(prompt));
  await expect(outcome).toBeHidden();
  expect(await simulator.calls(prompt)).toHaveLength(2);
});

test('nothing of the account behind the key reaches the page', async ({ chat, page }) => {
  await chat.ask('Who pays? /sim fail=quota');
  await chat.untilStatus('failed');
  expect(await page.content()).not.toMatch(/org-|ak-|sk-/);
});

test('a model that is overloaded at first is asked again', async ({ chat, simulator }) => {
  const prompt = 'Busy? /sim rate=0 thinking_rate=0 fail=overloaded times=1';
  await chat.ask(prompt);
  await chat.expectReply(await simulator.reply(prompt));
  expect(await simulator.calls(prompt)).toHaveLength(2);
});

test('a stream that breaks off ends as interrupted or goes on, and never doubles its text', async ({
  chat,
  page,
  simulator,
}) => {
  const prompt = 'Break off /sim rate=0 thinking_rate=0 cut=50';
  await chat.ask(prompt);
  await expect(chat.reply).toHaveAttribute('data-status', /^(done|interrupted)$/, { timeout: 30_000 });
  const { text } = await simulator.reply(prompt);
  const status = await chat.reply.getAttribute('data-status');
  const shown = (await chat.replyText.textContent()) ?? '';
  expect(shown.length).toBeGreaterThan(20);
  if (status === 'done') {
    await chat.expectReply(await simulator.reply(prompt));
  } else {
    const beginning = await simulator.beginning(prompt, 50);
    expect(text.startsWith(beginning)).toBe(true);
    const { thinking } = await simulator.reply(prompt);
    await chat.expectReply({ text: beginning, thinking }, 'interrupted');
    await expect(page.getByRole('button', { name: 'Retry' })).toBeVisible();
  }
});
