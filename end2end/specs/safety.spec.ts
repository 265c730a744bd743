import { expect, test } from '../support/fixtures.ts';
import { expectShownAsStored, stored, storedReply } from '../support/conversation.ts';

const ATTACK = [
  '<script>window.hacked = 1</script>',
  '<img src=x onerror="window.hacked = 2">',
  '<svg onload="window.hacked = 3"></svg>',
  '[a link](javascript:window.hacked=4)',
  '<a href="javascript:window.hacked=5">another</a>',
  '<style>body { display: none }</style>',
  '</div></article><h1>broken out</h1>',
  '<iframe srcdoc="<script>parent.hacked = 6</script>"></iframe>',
].join('\n\n');

/** Elements that only an attack could have brought in. */
const FOREIGN = ['script', 'img', 'svg', 'style', 'h1', 'iframe', 'a[href^="javascript"]']
  .map((element) => `article ${element}`)
  .join(', ');

test('HTML and scripts are shown as text, of people and of the model', async ({ chat, page, simulator }) => {
  // Its own words as the model's answer.
  await simulator.script({ match: 'unsafe words', text: ATTACK, rate: 0, thinking: ATTACK, thinking_rate: 0 });
  await chat.field.fill(`unsafe words\n\n${ATTACK}`);
  await chat.send.click();
  await chat.untilStatus('done');
  expect((await stored(page))[0]?.text).toBe(`unsafe words\n\n${ATTACK}`);
  expect((await storedReply(page)).text).toBe(ATTACK);

  for (const place of [chat.said.first(), chat.replyText]) {
    for (const piece of ['<script>window.hacked = 1</script>', 'onerror="window.hacked = 2"', '<h1>broken out</h1>']) {
      await expect(place).toContainText(piece);
    }
  }
  const check = async (): Promise<void> => {
    await expect(page.locator(FOREIGN)).toHaveCount(0);
    expect(await page.evaluate(() => (window as { hacked?: number }).hacked)).toBeUndefined();
  };
  await check();
  await expectShownAsStored(page);
  // The same as drawn by the server, where the page's own scripts could be broken out of.
  await page.reload();
  await chat.untilLive();
  await check();
  await expectShownAsStored(page);
});

test('an attack that arrives in pieces while it streams stays text', async ({ chat, page, simulator }) => {
  const pieces = Array.from(ATTACK.repeat(3));
  await simulator.script({ match: 'in pieces', text_pieces: pieces, rate: 1_000, no_thinking: true });
  await page.evaluate(() => {
    const seen: string[] = [];
    Object.assign(window, { seen });
    new MutationObserver((records) => {
      for (const node of records.flatMap((record) => Array.from(record.addedNodes))) {
        const inner = node instanceof Element ? [node, ...node.querySelectorAll('*')] : [];
        seen.push(...inner.map((element) => element.localName));
      }
    }).observe(document.body, { childList: true, subtree: true });
  });
  await chat.field.fill('in pieces');
  await chat.field.press('Enter');
  await chat.untilStatus('done');
  const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
  expect(seen.filter((name) => ['script', 'img', 'style', 'iframe'].includes(name))).toEqual([]);
  expect((await storedReply(page)).text).toBe(pieces.join(''));
  await expectShownAsStored(page);
});

test('a name with HTML in it is a name', async ({ somebodyElse }) => {
  const name = '<img src=x onerror=alert(1)> & “Bob”';
  const page = await somebodyElse({ name, email: `bob-${Date.now()}@example.org`, password: 'correct horse' });
  await page.goto('/');
  await expect(page.locator('.sidebar .user')).toHaveText(name);
  await expect(page.locator('img')).toHaveCount(0);
});
