/** Code is highlighted by the server: in the pages that it sends, and on request where a page is alive. */
import { expect, test } from '../support/fixtures.ts';
import type { Chat } from '../support/chat.ts';
import { expectShownAsStored } from '../support/conversation.ts';
import { hold } from '../support/rich.ts';
import { choose } from '../support/rooms.ts';

const CODE = 'fn main() {\n    let text = "<b>&</b>"; // a comment\n\n    println!("{text}");\n}';
const REPLY = `Look:\n\n\`\`\`rust\n${CODE}\n\`\`\`\n\nThat is all.`;

const codeOf = (chat: Chat) => chat.replyText.locator('figure.code pre code');
const keyword = (chat: Chat) => codeOf(chat).locator('.k', { hasText: 'fn' });

test('a block is plain while it is written, and highlighted once it is over', async ({ chat, page, simulator }) => {
  await simulator.script({
    match: 'piece by piece',
    text_pieces: ['Look:\n\n```rust\nfn main() {\n', '    let a = 1;\n', '}\n```\n\n', 'And more', ' of it.'],
    gate: 'middle@2',
    rate: 200,
    no_thinking: true,
  });
  await chat.ask('Write it piece by piece');
  await simulator.untilAt('middle');
  await expect(codeOf(chat)).toContainText('let a = 1;');
  await expect(chat.replyText.locator('figcaption span')).toHaveText('rust · 2 lines');
  await expect(codeOf(chat).locator('span')).toHaveCount(0);
  await simulator.release('middle');
  await chat.untilStatus('done');
  await expect(keyword(chat)).toBeVisible();
  expect(await codeOf(chat).textContent()).toBe('fn main() {\n    let a = 1;\n}');
  await expect(chat.replyText.locator('figcaption span')).toHaveText('rust · 3 lines');
  await expectShownAsStored(page);
});

test('a page comes with its code highlighted, and asks for nothing', async ({ chat, page, simulator }) => {
  await simulator.script({ match: 'in one piece', text: REPLY, rate: 0, no_thinking: true });
  await chat.ask('Write it in one piece');
  await expect(keyword(chat)).toBeVisible();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  const response = await page.reload();
  expect(await response?.text()).toContain('<pre tabindex="0" data-slot><code><span class="k">fn</span> ');
  await chat.untilLive();
  await expect(keyword(chat)).toBeVisible();
  await expect(page.locator('[data-rich]')).toHaveCount(0);
  expect(await codeOf(chat).textContent()).toBe(CODE);
  expect(asked).toContain('/api/ticket');
  expect(asked).not.toContain('/api/rich');

  // In a room that the page loads by itself, it is asked for.
  const { pathname } = new URL(page.url());
  await chat.rooms.getByRole('link', { name: 'New conversation' }).click();
  await expect(page).toHaveURL('/');
  await page.goBack();
  await expect(page).toHaveURL(pathname);
  await expect(keyword(chat)).toBeVisible();
});

test('highlighting moves nothing, and takes no selection away', async ({ chat, page, simulator }) => {
  const { asked, letGo } = await hold(page);
  await simulator.script({ match: 'to be selected', text: REPLY, rate: 0, no_thinking: true });
  await chat.ask('Write something to be selected');
  await chat.untilStatus('done');
  await expect.poll(asked).toBe(1);
  const figure = chat.replyText.locator('figure.code');
  const before = await figure.boundingBox();
  const lines = await codeOf(chat).innerText();
  await codeOf(chat).evaluate((code) => {
    const range = document.createRange();
    range.setStart(code.firstChild as Text, 3);
    range.setEnd(code.firstChild as Text, 7);
    getSelection()?.removeAllRanges();
    getSelection()?.addRange(range);
  });
  const selected = (): Promise<string> => page.evaluate(() => String(getSelection()));
  expect(await selected()).toBe('main');

  const answer = page.waitForResponse('**/api/rich');
  await letGo();
  await (await answer).finished();
  // What would come after it has come, too.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  expect(await selected()).toBe('main');
  await expect(codeOf(chat).locator('span')).toHaveCount(0);

  await page.evaluate(() => getSelection()?.removeAllRanges());
  await expect(keyword(chat)).toBeVisible();
  expect(await figure.boundingBox()).toEqual(before);
  expect(await codeOf(chat).innerText()).toBe(lines);
});

test('copy takes the text, and wrap breaks long lines', async ({ chat, context, page, simulator }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const long = `${CODE}\nlet long = "${'word '.repeat(80)}";`;
  const text = `\`\`\`rust\n${long}\n\`\`\``;
  await simulator.script({ match: 'to be copied', text, rate: 0, no_thinking: true });
  await chat.ask('Write something to be copied');
  await expect(keyword(chat)).toBeVisible();
  const figure = chat.replyText.locator('figure.code');
  await figure.getByRole('button', { name: 'Copy' }).click();
  await expect(figure.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(long);
  await expect(figure.getByRole('button', { name: 'Copy', exact: true })).toBeVisible();

  const overflow = (): Promise<number> => figure.locator('pre').evaluate((pre) => pre.scrollWidth - pre.clientWidth);
  expect(await overflow()).toBeGreaterThan(100);
  await figure.getByRole('button', { name: 'Wrap', exact: true }).click();
  expect(await overflow()).toBe(0);
  await figure.getByRole('button', { name: 'Unwrap' }).click();
  expect(await overflow()).toBeGreaterThan(100);
});

test('what fails stays plain, and is asked for again', async ({ chat, page, problems, simulator }) => {
  problems.allow(/Failed to load resource/);
  let isDown = true;
  let asked = 0;
  await page.route('**/api/rich', async (route) => {
    asked += 1;
    if (isDown) await route.fulfill({ status: 503, body: '' });
    else await route.continue();
  });
  await simulator.script({ match: 'in spite of it', text: REPLY, rate: 0, no_thinking: true });
  await chat.ask('Write it in spite of it');
  await chat.untilStatus('done');
  await expect.poll(() => asked).toBeGreaterThan(0);
  expect(await codeOf(chat).textContent()).toBe(CODE);
  isDown = false;
  await expect(keyword(chat)).toBeVisible();
});

test('an edited message has its new code highlighted', async ({ chat }) => {
  const said = (code: string): string => `Mine:\n\`\`\`rust\nlet a = ${code};\n\`\`\`\n/sim rate=0 thinking_rate=0 tokens=5`;
  await chat.ask(said('1'));
  await chat.untilStatus('done');
  const message = chat.said.first();
  await expect(message.locator('.n')).toHaveText('1');
  await choose(chat, message, 'Edit');
  await chat.field.fill(said('2'));
  await chat.field.press('Enter');
  await expect(message.locator('.n')).toHaveText('2');
});
