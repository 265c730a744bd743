/** The composer beyond sending: input methods, commands, the preview, what is left, and editing by one key. */
import { expect, test } from '../support/fixtures.ts';
import { stored } from '../support/conversation.ts';
import { messageOf, openGroup, say } from '../support/rooms.ts';

const PLAIN = '/sim rate=0 thinking_rate=0 tokens=20';

test('an Enter of an input method sends nothing, the next one does', async ({ chat, page }) => {
  const browser = await page.context().newCDPSession(page);
  const enter = (code: number): Promise<unknown> =>
    browser.send('Input.dispatchKeyEvent', {
      type: 'rawKeyDown',
      key: 'Enter',
      code: 'Enter',
      windowsVirtualKeyCode: code,
    });
  await chat.field.click();
  await browser.send('Input.imeSetComposition', { text: 'にほんご', selectionStart: 4, selectionEnd: 4 });
  await enter(229);
  await enter(13);
  await expect(chat.field, 'nothing was sent').toHaveValue('にほんご');
  await browser.send('Input.insertText', { text: '日本語' });
  await expect(chat.field).toHaveValue('日本語');
  await expect(page).toHaveURL('/');
  // Safari tells of the key only after the end of the composition.
  const isLeftAlone = await chat.field.evaluate((field) => {
    field.dispatchEvent(new CompositionEvent('compositionend', { data: '日本語' }));
    const key = { key: 'Enter', keyCode: 229, bubbles: true, cancelable: true };
    return field.dispatchEvent(new KeyboardEvent('keydown', key));
  });
  expect(isLeftAlone).toBe(true);
  await expect(page).toHaveURL('/');
  await chat.field.press('Enter');
  await expect(chat.said).toContainText('日本語');
  await expect.poll(async () => (await stored(page))[0]?.text, 'and not only shown').toBe('日本語');
});

test('what is left is said near the limit, and read out in steps', async ({ chat, page }) => {
  const limit = 32 * 1024;
  const spoken = page.locator('.composer [role=status]');
  await chat.field.fill('a'.repeat(limit / 2));
  await expect(chat.hint).not.toContainText('left');
  await chat.field.fill('a'.repeat(limit - 1_000));
  await expect(chat.hint).toHaveText('1,000 bytes are left.');
  await expect(spoken).toHaveText('Less than a tenth of the space is left.');
  await page.keyboard.type('a');
  await expect(chat.hint).toHaveText('999 bytes are left.');
  await expect(spoken).toHaveText('Less than a tenth of the space is left.');
  await chat.field.fill('a'.repeat(limit + 1));
  await expect(chat.hint).toHaveText('Too long by 1 byte. Shorten it or send it in parts.');
  await expect(spoken).toHaveText('The message is too long.');
  await expect(chat.send).toBeDisabled();
});

test('the preview shows what will be read, with its colours, and gives the text back', async ({ chat, page }) => {
  const text = '**Rain**\n\n```rust\nlet rain = 1;\n```';
  await expect(page.getByRole('button', { name: 'Preview' })).toBeHidden();
  await chat.field.fill(text);
  await page.getByRole('button', { name: 'Preview' }).click();
  const preview = page.getByRole('region', { name: 'Preview' });
  await expect(preview.locator('strong')).toHaveText('Rain');
  await expect(preview.locator('.code code span').first(), 'the server has coloured it').toBeVisible();
  await expect(chat.field).toBeHidden();
  await page.getByRole('button', { name: 'Write', exact: true }).click();
  await expect(preview).toBeHidden();
  await expect(chat.field).toHaveValue(text);
  await expect(chat.field).toBeFocused();
  // It can be sent from there, too.
  await page.getByRole('button', { name: 'Preview' }).click();
  await chat.send.click();
  await expect(chat.said.locator('strong')).toHaveText('Rain');
  await expect(preview).toBeHidden();
  await expect(chat.field).toBeFocused();
});

test('/model, /system and /clear set a conversation, and nobody is told', async ({ chat, page, simulator }) => {
  const options = page.getByRole('listbox', { name: 'Commands' }).getByRole('option');
  await chat.field.pressSequentially('/');
  await expect(options).toHaveCount(4);
  await chat.field.pressSequentially('mo');
  await expect(options).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(chat.field).toHaveValue('/model ');
  const models = page.getByRole('listbox', { name: 'Models' }).getByRole('option');
  await expect(models.filter({ hasText: 'kimi-k2.6' })).toBeVisible();
  await chat.field.pressSequentially('2.6');
  await expect(models).toHaveText(['kimi-k2.6']);
  await page.keyboard.press('Enter');
  await expect(chat.field).toHaveValue('/model kimi-k2.6 ');
  await chat.field.fill('/model kimi-k1');
  await page.keyboard.press('Enter');
  await expect(chat.hint).toContainText('There is no model “kimi-k1” here.');
  await expect(chat.field, 'what is not understood stays').toHaveValue('/model kimi-k1');
  await chat.field.fill('/system');
  await page.keyboard.press('Enter');
  await expect(chat.hint).toContainText('Something is missing');
  await chat.field.fill('/model kimi-k2.6');
  await page.keyboard.press('Enter');
  await expect(chat.hint).toContainText('kimi-k2.6 answers in this room');
  await expect(chat.field).toHaveValue('');
  await expect(page).toHaveURL(/\/room\//);
  await chat.field.fill('/system Answer in one word.');
  await page.keyboard.press('Enter');
  await expect(chat.hint).toContainText('Kimi follows these instructions');
  await expect(chat.said).toHaveCount(0);
  // Two slashes, and words that are no command, are messages.
  await chat.ask(`//help ${PLAIN}`);
  await chat.untilStatus('done');
  await chat.ask(`/helpful ${PLAIN}`);
  await chat.untilStatus('done');
  expect((await stored(page)).filter((message) => !message.run).map((message) => message.text)).toEqual([
    `/help ${PLAIN}`,
    `/helpful ${PLAIN}`,
  ]);
  const asked = (await simulator.calls('/helpful')).at(-1);
  expect(asked?.model).toBe('kimi-k2.6');
  expect(JSON.stringify(asked?.body)).toContain('Answer in one word.');
  await chat.field.fill('/clear');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/');
  await expect(chat.hint).toContainText('nothing is deleted');
  await expect(chat.rooms.getByRole('link', { name: /help/ })).toBeVisible();
  await chat.ask(`Begun anew ${PLAIN}`);
  await chat.untilStatus('done');
  const again = (await simulator.calls('Begun anew')).at(-1);
  expect(again?.model, 'it is set as the one before').toBe('kimi-k2.6');
  expect(JSON.stringify(again?.body)).toContain('Answer in one word.');
  expect(JSON.stringify(again?.body)).not.toContain('helpful');
});

test('who may not set a room is told so, and nothing is sent', async ({ chat, somebodyElse }) => {
  const { others } = await openGroup(chat, 'Kitchen', ['Budi'], somebodyElse);
  const [budi] = others as [typeof chat];
  await budi.field.fill('/model other');
  await budi.field.press('Enter');
  await expect(budi.hint).toHaveText('Only admins of this room can set that. Ask one of them.');
  await expect(budi.field).toHaveValue('/model other');
  await expect(budi.said).toHaveCount(0);
});

test('an edit that was begun is there when it is gone on with, until it is given up', async ({ chat, page, somebodyElse }) => {
  const { room } = await openGroup(chat, 'Kitchen', [], somebodyElse);
  await say(chat, 'Tofu');
  await chat.field.press('ArrowUp');
  await chat.field.fill('Tofu and rice');
  await chat.rooms.getByRole('link', { name: 'New conversation' }).click();
  await expect(chat.field).toHaveValue('');
  await chat.open(`/room/${room}`);
  await expect(chat.field).toHaveValue('');
  await chat.field.press('ArrowUp');
  await expect(chat.field).toHaveValue('Tofu and rice');
  await page.keyboard.press('Escape');
  await expect(chat.field).toHaveValue('');
  await chat.field.press('ArrowUp');
  await expect(chat.field).toHaveValue('Tofu');
});

test('Up in an empty composer edits what one said last', async ({ chat, page, somebodyElse }) => {
  const { others } = await openGroup(chat, 'Kitchen', ['Budi'], somebodyElse);
  const [budi] = others as [typeof chat];
  await say(chat, 'Tofu');
  await say(budi, 'Rice');
  await expect(messageOf(chat, 'Rice')).toBeVisible();
  await chat.field.press('ArrowUp');
  await expect(page.locator('.composer')).toContainText('Editing a message');
  await expect(chat.field).toHaveValue('Tofu');
  await page.keyboard.press('Escape');
  await expect(chat.field).toHaveValue('');
  await chat.field.pressSequentially('x');
  await page.keyboard.press('ArrowUp');
  await expect(chat.field, 'what is written is not lost').toHaveValue('x');
});
