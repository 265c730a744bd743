import { expect, test } from '../support/fixtures.ts';
import { Chat } from '../support/chat.ts';
import { roomOf, shownByServer, shownIn, stored, storedReply } from '../support/conversation.ts';
import { growth, watchGrowth } from '../support/growth.ts';
import { command } from '../support/rooms.ts';

test('sign up, ask, and watch the reply grow to exactly what the model said', async ({ page, person, simulator }) => {
  const prompt = 'How does a river find the sea? /sim rate=80 unicode table code list';
  await watchGrowth(page);
  await page.goto('/');
  await expect(page).toHaveURL('/sign-in');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await page.getByLabel('Name').fill(person.name);
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Create account' }).click();

  const chat = new Chat(page);
  await chat.untilLive();
  await chat.ask(prompt);
  await chat.untilStatus('thinking');
  await expect(chat.reply.getByText('Kimi is thinking')).toBeVisible();
  await chat.untilStatus('writing');
  await expect(chat.reply.getByText('Kimi is writing')).toBeVisible();
  await chat.expectReply(await simulator.reply(prompt));
  await expect(chat.reply.getByText('Kimi is writing')).toBeHidden();

  const lengths = await growth(page);
  expect(lengths.length, `distinct lengths: ${lengths}`).toBeGreaterThan(10);
  expect(Math.max(...lengths)).toBe(lengths.at(-1));
  expect((await stored(page)).map((message) => message.text)[0]).toBe(prompt);
  expect(await simulator.calls(prompt), 'one question is one call').toHaveLength(1);
});

test('reload in the middle: the text so far is there at once, the rest follows exactly', async ({
  page,
  chat,
  simulator,
}) => {
  const prompt = 'Why is the sky blue? /sim rate=200 thinking_rate=200 gate=middle@120';
  await watchGrowth(page);
  await chat.ask(prompt);
  await simulator.untilAt('middle');
  await chat.untilReplyIs(await simulator.beginning(prompt, 120));
  const before = await shownByServer(page);
  const length = (await chat.replyText.textContent())?.length ?? 0;
  expect(length).toBeGreaterThan(100);

  const response = await page.reload({ waitUntil: 'commit' });
  const drawn = await shownIn(page, (await response?.text()) ?? '');
  expect(drawn, 'the server draws the text so far').toEqual(before);
  await chat.untilLive();
  await simulator.release('middle');
  await chat.expectReply(await simulator.reply(prompt));

  const lengths = await growth(page);
  expect(lengths[0], 'the first frame after the reload').toBe(length);
  // Marks such as `**` vanish when they are closed; nothing else may.
  expect(Math.min(...lengths), `lengths: ${lengths}`).toBeGreaterThan(length - 8);
  expect(lengths.length, 'the rest grows').toBeGreaterThan(3);
  expect(await simulator.calls(prompt), 'a reload asks nobody again').toHaveLength(1);
});

test('reload at any moment while the text flows ends with the same text', async ({ chat, page, simulator }) => {
  const prompt = 'Tell me about lighthouses /sim rate=100 tokens=500 thinking_rate=100';
  await chat.ask(prompt);
  for (const length of [10, 500, 1_000]) {
    await expect
      .poll(async () => ((await storedReply(page)).text ?? '').length, { intervals: [50] })
      .toBeGreaterThan(length);
    await page.reload();
  }
  await chat.expectReply(await simulator.reply(prompt));
  expect(await simulator.calls(prompt)).toHaveLength(1);
});

test('a second tab sees the same stream live', async ({ chat, page, context, simulator }) => {
  const prompt = 'What do bees dance about? /sim rate=150 thinking_rate=200 gate=middle@60';
  await chat.ask(prompt);
  await simulator.untilAt('middle');

  const other = new Chat(await context.newPage());
  await watchGrowth(other.page);
  await other.open(new URL(page.url()).pathname);
  const beginning = await simulator.beginning(prompt, 60);
  await chat.untilReplyIs(beginning);
  await other.untilReplyIs(beginning);

  await simulator.release('middle');
  const reply = await simulator.reply(prompt);
  await chat.expectReply(reply);
  await other.expectReply(reply);
  expect((await growth(other.page)).length, 'it grew there, too').toBeGreaterThan(5);

  // And the other way round: what is asked there streams here.
  const next = 'And wasps? /sim rate=200 thinking_rate=200 tokens=100';
  await other.ask(next);
  await expect(chat.replies).toHaveCount(2);
  await chat.expectReply(await simulator.reply(next));
  await expect(chat.said).toHaveCount(2);
});

test('finished blocks are never touched again', async ({ chat, page, simulator }) => {
  const prompt = 'Show me everything /sim rate=200 thinking_rate=200 tokens=900 gate=middle@500';
  await chat.ask(prompt);
  await simulator.untilAt('middle');
  await chat.untilReplyIs(await simulator.beginning(prompt, 500));

  const watched = await chat.replyText.evaluate((text) => {
    // The last block is open, and the one before it may still be joined by it.
    const finished = [...text.querySelectorAll('.chunk > *')].slice(0, -2);
    const changes: string[] = [];
    const observer = new MutationObserver((records) => {
      changes.push(...records.map((record) => `${record.type} in ${record.target.nodeName}`));
    });
    const everything = { attributes: true, characterData: true, childList: true, subtree: true };
    for (const block of finished) observer.observe(block, everything);
    Object.assign(window, { finished, changes });
    return finished.length;
  });
  expect(watched, 'finished blocks').toBeGreaterThan(5);

  await simulator.release('middle');
  await chat.expectReply(await simulator.reply(prompt));
  const { changes, kept } = await chat.replyText.evaluate((text) => {
    const { finished, changes } = window as unknown as { finished: Element[]; changes: string[] };
    return { changes, kept: finished.every((block, index) => text.querySelectorAll('.chunk > *')[index] === block) };
  });
  expect(changes, 'changes in finished blocks').toEqual([]);
  expect(kept, 'the same elements are still in their places').toBe(true);
  expect(await page.locator('article[data-status] > .text .chunk > *').count()).toBeGreaterThan(watched + 2);
});

test('thinking is apart from the text, foldable, and says how long it took', async ({ chat, simulator }) => {
  const prompt = 'Is a hot dog a sandwich? /sim think_hard thinking_rate=100 rate=200 gate=thought@thinking:250';
  await chat.ask(prompt);
  await simulator.untilAt('thought');
  const thinking = chat.reply.locator('details.thinking');
  await expect(thinking).toHaveAttribute('open', '');
  await expect(thinking.locator('summary')).toHaveText(/^Thinking · \d+ s$/);
  await expect(chat.replyText).toBeEmpty();
  await simulator.release('thought');
  await chat.expectReply(await simulator.reply(prompt));
  await expect(thinking).not.toHaveAttribute('open');
  await expect(thinking.locator('summary')).toHaveText(/^Thought for \d+ s$/);
  await thinking.locator('summary').click();
  await expect(thinking.locator('.text')).toBeVisible();
});

test('the page follows the end, lets the reader go, and comes back for what the reader sends', async ({
  chat,
  page,
  simulator,
}) => {
  const prompt = 'A long story /sim rate=300 thinking_rate=300 tokens=900 gate=middle@600';
  await chat.ask(prompt);
  await simulator.untilAt('middle');
  await chat.untilReplyIs(await simulator.beginning(prompt, 600));
  await expect(chat.reply.getByText('Kimi is writing'), 'it follows the text').toBeInViewport();

  const toEnd = page.getByRole('button', { name: 'Jump to the latest message' });
  await chat.said.first().scrollIntoViewIfNeeded();
  await expect(toEnd).toBeVisible();
  await simulator.release('middle');
  await chat.untilStatus('done');
  await expect(chat.said.first(), 'it stays where the reader reads').toBeInViewport();

  await chat.ask('Thank you /sim rate=0 thinking_rate=0 tokens=30');
  await expect(chat.said.last(), 'one sees what one has sent').toBeInViewport();
  await chat.untilStatus('done');
  await expect(toEnd).toBeHidden();
});

test('pointing at something near the end moves nothing', async ({ chat, page }) => {
  await chat.ask('A long story /sim rate=0 thinking_rate=0 tokens=900');
  await chat.untilStatus('done');
  await expect(page.locator('[data-rich]')).toHaveCount(0, { timeout: 30_000 });
  const list = page.locator('.messages');
  const left = (): Promise<number> => list.evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight);
  await page.mouse.move(5, 5);
  await expect(page.getByRole('toolbar')).toBeHidden();
  await expect.poll(left).toBeLessThanOrEqual(1);
  await list.evaluate((list) => list.scrollBy(0, -30));
  const before = await left();
  expect(before).toBeGreaterThan(25);
  // Not by `hover`, which scrolls.
  const { x, y, width, height } = (await list.boundingBox())!;
  await page.mouse.move(x + width / 2, y + height / 2);
  await expect(page.getByRole('toolbar')).toBeVisible();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  expect(await left()).toBe(before);
});

test('who reads further up is told how much has come since', async ({ chat, page, simulator }) => {
  await chat.ask('A long story /sim rate=0 thinking_rate=0 tokens=900');
  await chat.untilStatus('done');
  await chat.said.first().scrollIntoViewIfNeeded();
  const toEnd = page.getByRole('button', { name: /^Jump to the latest message/ });
  await expect(toEnd).toHaveText('');
  const room = roomOf(page);
  await simulator.script({ match: 'And now?', text: 'Nothing.', rate: 0, no_thinking: true });
  await command(page.request, 'chat:message', { room, text: 'And now?' });
  await expect(toEnd).toHaveText('2');
  await expect(toEnd).toHaveAccessibleName('Jump to the latest message, 2 are new');
  await toEnd.click();
  await expect(chat.replyText).toHaveText('Nothing.');
  await expect(toEnd).toBeHidden();
  await chat.said.first().scrollIntoViewIfNeeded();
  await expect(toEnd).toHaveText('');
});

test('a conversation that is loaded while it is written is followed, too, also when the field grows', async ({
  chat,
  page,
  simulator,
}) => {
  const text = Array.from({ length: 60 }, (_, index) => `Paragraph ${index} of a long story.`).join('\n\n');
  await simulator.script({ match: 'long story', text, rate: 400, no_thinking: true, gate: 'middle@20' });
  await chat.ask('Tell me a long story');
  await simulator.untilAt('middle');
  // A page that does not hold it yet.
  await chat.open('/');
  await chat.roomLink('Tell me a long story').click();
  await expect(chat.replyText).toContainText('Paragraph 0');
  await simulator.release('middle');
  await chat.untilStatus('done');
  const left = (): Promise<number> =>
    page.locator('.messages').evaluate((list) => Math.round(list.scrollHeight - list.scrollTop - list.clientHeight));
  await expect.poll(left).toBeLessThanOrEqual(1);
  await chat.field.fill('One\nTwo\nThree\nFour\nFive');
  await expect.poll(left).toBeLessThanOrEqual(1);
});
