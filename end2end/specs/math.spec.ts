/** Formulas are drawn by the server, like code; and nothing that settles later moves what somebody reads. */
import type { Chat } from '../support/chat.ts';
import { expectShownAsStored } from '../support/conversation.ts';
import { expect, test } from '../support/fixtures.ts';
import { type Held, hold } from '../support/rich.ts';

const WIDE = `a = ${Array.from({ length: 60 }, (_, index) => `x_{${index}}`).join(' + ')}`;

/** Text with formulas and code, each of another height than its source. */
const LONG = Array.from({ length: 16 }, (_, index) =>
  [
    `Paragraph ${index} of many, with $\\frac{a_{${index}}}{b}$ in it.`,
    `$$\n\\begin{pmatrix} a & b \\\\ c & d \\\\ e & ${index} \\end{pmatrix}\n$$`,
    `\`\`\`rust\nlet a = ${index};\n\`\`\``,
  ].join('\n\n'),
).join('\n\n');

/** A reply with much to be drawn, none of which is yet. */
async function longReply(chat: Chat, settled: Pick<Held, 'asked'>): Promise<void> {
  await chat.ask('Write a long proof');
  await chat.untilStatus('done');
  await expect.poll(settled.asked).toBe(2);
}

const untilSettled = async (chat: Chat): Promise<void> => {
  await expect(chat.page.locator('[data-rich]')).toHaveCount(0, { timeout: 30_000 });
  await expect(chat.replyText.locator('math')).toHaveCount(32);
  await expect(chat.replyText.locator('pre .k')).toHaveCount(16);
  await chat.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
};

test('a formula is its source while it is written, and drawn once it is over', async ({ chat, page, simulator }) => {
  await simulator.script({
    match: 'piece by piece',
    text_pieces: ['So $a^2 + b^2', ' = c^2$ and', ' $\\frac{1}{2}$ it', ' is.\n\n$$\n\\nothing{x}\n$$\n\n', 'And more', '.'],
    gate: 'middle@3',
    rate: 200,
    no_thinking: true,
  });
  await chat.ask('Write it piece by piece');
  await simulator.untilAt('middle');
  await expect(chat.replyText.locator('code.math')).toHaveText(['a^2 + b^2 = c^2', '\\frac{1}{2}']);
  await simulator.release('middle');
  await chat.untilStatus('done');
  await expect(chat.replyText.locator('math')).toHaveCount(2);
  await expect(chat.replyText.locator('math mfrac')).toHaveCount(1);
  await expect(chat.replyText.locator('math annotation').first()).toHaveText('a^2 + b^2 = c^2');
  await expect(chat.replyText.locator('code.faulty')).toHaveText('\\nothing{x}');
  await expect(chat.replyText.getByTitle("can't be drawn: “\\nothing” is not known here")).toBeVisible();
  await expectShownAsStored(page);
  await page.reload();
  await chat.untilLive();
  await expect(chat.replyText.locator('math')).toHaveCount(2);
});

test('a formula that is too wide scrolls in its own box', async ({ chat, page, simulator }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await simulator.script({ match: 'a wide one', text: `$$\n${WIDE}\n$$\n\n$$\nb\n$$`, rate: 0, no_thinking: true });
  await chat.ask('Write a wide one');
  const [wide, small] = [chat.replyText.locator('.formula').first(), chat.replyText.locator('.formula').last()];
  await expect(small).toBeVisible();
  expect(await wide.evaluate((box) => box.scrollWidth - box.clientWidth)).toBeGreaterThan(200);
  expect(await small.evaluate((box) => box.scrollWidth - box.clientWidth)).toBe(0);
  for (const scroller of ['html', '.messages']) {
    expect(await page.locator(scroller).evaluate((box) => box.scrollWidth - box.clientWidth), scroller).toBe(0);
  }
  // Its beginning can be reached, and its end.
  await wide.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => wide.evaluate((box) => box.scrollLeft)).toBeGreaterThan(0);
  const left = await small.evaluate((box) => {
    const [outer, inner] = [box.getBoundingClientRect(), box.querySelector('mi')?.getBoundingClientRect()];
    return inner === undefined ? 0 : (inner.left + inner.right) / 2 - (outer.left + outer.right) / 2;
  });
  expect(Math.abs(left), 'the middle of a short one').toBeLessThan(3);
});

test('a formula within a line scrolls when it is wider than the line', async ({ chat, page, simulator }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  const wide = `a = ${Array.from({ length: 30 }, (_, index) => `x_{${index}}`).join(' + ')}`;
  await simulator.script({ match: 'one in a line', text: `So $${wide}$ and $a + b$ it is.`, rate: 0, no_thinking: true });
  await chat.ask('Write one in a line');
  await expect(chat.replyText.locator('math')).toHaveCount(2);
  const box = chat.replyText.locator('.long-formula');
  await expect(box).toHaveCount(1);
  const { left, right } = await chat.replyText.evaluate((text) => text.getBoundingClientRect());
  const seen = await box.evaluate((box) => box.getBoundingClientRect());
  expect(seen.left).toBeGreaterThanOrEqual(left);
  expect(seen.right).toBeLessThanOrEqual(right);
  await box.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => box.evaluate((box) => box.scrollLeft)).toBeGreaterThan(0);
});

test('what settles does not move what is read, in the middle of a long text', async ({ chat, page, simulator }) => {
  const settled = await hold(page);
  await simulator.script({ match: 'long proof', text: LONG, rate: 0, no_thinking: true });
  await longReply(chat, settled);
  const read = chat.replyText.getByText('Paragraph 10 of many');
  // As a person comes there: by scrolling.
  const scroller = page.locator('.messages');
  await scroller.hover();
  await expect(async () => {
    await page.mouse.wheel(0, -200);
    await expect(read).toBeInViewport({ timeout: 50 });
  }).toPass();
  await page.mouse.wheel(0, 30);
  await page.evaluate(() => new Promise((done) => setTimeout(done, 200)));
  // The first block that begins in what is seen.
  const first = await chat.replyText.evaluateHandle((text) => {
    const above = text.closest('.messages')?.getBoundingClientRect().top ?? 0;
    const blocks = Array.from(text.querySelectorAll('.block, .code'));
    return blocks.find((block) => block.getBoundingClientRect().top >= above) as Element;
  });
  const before = await first.boundingBox();
  const top = await scroller.evaluate((list) => list.scrollTop);
  await settled.letGo();
  await untilSettled(chat);
  const after = await first.boundingBox();
  expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThan(2);
  expect(await scroller.evaluate((list) => list.scrollTop), 'what is above has grown').toBeGreaterThan(top + 200);
});

test('who reads at the end stays there while it settles', async ({ chat, page, simulator }) => {
  const settled = await hold(page);
  await simulator.script({ match: 'long proof', text: LONG, rate: 0, no_thinking: true });
  await longReply(chat, settled);
  await settled.letGo();
  await untilSettled(chat);
  const below = await page.locator('.messages').evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight);
  expect(below).toBeLessThan(2);
  await expect(page.getByRole('button', { name: 'Jump to the latest message' })).toBeHidden();
});
