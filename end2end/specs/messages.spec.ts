/** What can be done with messages: all of it is seen by the others at once. */
import { unreadIn } from '../support/attention.ts';
import { expect, test } from '../support/fixtures.ts';
import { choose, command, messageOf, openGroup, say } from '../support/rooms.ts';

test('edit one by its toolbar and by key, and look at what it said before', async ({ chat, page, somebodyElse }) => {
  const { others } = await openGroup(chat, 'Kitchen', ['Budi'], somebodyElse);
  const [budi] = others as [typeof chat];
  await choose(chat, await say(chat, 'We need rise'), 'Edit');
  await expect(chat.field).toHaveValue('We need rise');
  await chat.field.fill('We need rice');
  await chat.field.press('Enter');
  await expect(messageOf(budi, 'We need rice')).toContainText('edited');

  // The draft that was there before an edit is there after it.
  await chat.field.fill('And beans');
  await messageOf(chat, 'We need rice').focus();
  await page.keyboard.press('e');
  await expect(chat.field).toHaveValue('We need rice');
  await page.keyboard.press('Escape');
  await expect(chat.field).toHaveValue('And beans');

  await messageOf(budi, 'We need rice').getByRole('link', { name: 'edited' }).click();
  await expect(budi.page.getByRole('heading', { name: 'History of a message' })).toBeVisible();
  await expect(budi.page.getByRole('main')).toContainText('We need rise');
  await budi.page.getByRole('link', { name: 'Back to the conversation' }).click();
  await expect(messageOf(budi, 'We need rice')).toBeInViewport();
});

test('delete one: asked first, then it keeps its place only', async ({ chat, page, somebodyElse }) => {
  const { others } = await openGroup(chat, 'Kitchen', ['Budi'], somebodyElse);
  const [budi] = others as [typeof chat];
  const message = await say(chat, 'Not for the kitchen');
  await expect(messageOf(budi, 'Not for the kitchen')).toBeVisible();
  await message.focus();
  await page.keyboard.press('Delete');
  const toolbar = page.getByRole('toolbar', { name: 'For this message' });
  await expect(toolbar).toContainText('Delete it for everybody?');
  await expect(toolbar.getByRole('button', { name: 'Keep' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(message).toBeVisible();
  await expect(message).toBeFocused();

  await page.keyboard.press('Delete');
  await toolbar.getByRole('button', { name: 'Delete', exact: true }).click();
  for (const each of [chat, budi]) {
    await expect(each.said.last()).toContainText('This message was deleted.');
    await expect(messageOf(each, 'Not for the kitchen')).toBeHidden();
  }
  // It isn't Budi's to delete or to edit.
  const own = await say(chat, 'Mine');
  await expect(own).toBeVisible();
  await messageOf(budi, 'Mine').hover();
  const offered = budi.page.getByRole('toolbar', { name: 'For this message' }).getByRole('button');
  await expect(offered).toHaveText(['Reply', 'React', 'Quote', 'Copy', 'Pin', 'Copy link', 'Mark unread']);
});

test('reply to one, and go from the quote to what it quotes', async ({ chat, page, somebodyElse }) => {
  const { others } = await openGroup(chat, 'Kitchen', ['Budi'], somebodyElse);
  const [budi] = others as [typeof chat];
  await say(chat, 'Who cooks on Friday?');
  for (let number = 0; number < 15; number++) await say(chat, `Something else ${number}`);
  const question = messageOf(budi, 'Who cooks on Friday?');
  await question.focus();
  await budi.page.keyboard.press('r');
  await expect(budi.page.locator('.composer')).toContainText('Ana');
  await expect(budi.field).toBeFocused();
  await budi.field.fill('I do');
  await budi.field.press('Enter');
  const quote = messageOf(chat, 'I do').getByRole('link', { name: 'Who cooks on Friday?' });
  await expect(quote).toContainText('Ana');
  await expect(messageOf(chat, 'Who cooks on Friday?').first()).not.toBeInViewport();
  await quote.click();
  const original = page.locator('article[data-aimed]');
  await expect(original).toBeInViewport();
  await expect(original).toBeFocused();
  await expect(original).toContainText('Who cooks on Friday?');
});

test('react, pin, and take both back', async ({ chat, somebodyElse }) => {
  const { room, others } = await openGroup(chat, 'Kitchen', ['Budi'], somebodyElse);
  const [budi] = others as [typeof chat];
  const message = await say(chat, 'Soup is ready');
  const seen = messageOf(budi, 'Soup is ready');
  await choose(budi, seen, 'React');
  const toolbar = budi.page.getByRole('toolbar', { name: 'For this message' });
  await toolbar.getByRole('button', { name: '🎉' }).click();
  const chip = message.getByRole('button', { name: '🎉' });
  await expect(chip).toHaveText('🎉 1');
  await expect(chip).toHaveAttribute('title', 'Budi');
  await chip.click();
  await expect(seen.getByRole('button', { name: '🎉' })).toHaveText('🎉 2');
  await expect(seen.getByRole('button', { name: '🎉' })).toHaveAttribute('aria-pressed', 'true');
  await chip.click();
  await expect(seen.getByRole('button', { name: '🎉' })).toHaveText('🎉 1');

  await choose(budi, seen, 'Pin');
  await expect(message).toContainText('pinned');
  await chat.page.goto(`/room/${room}/details`);
  await expect(chat.page.getByRole('main')).toContainText('Soup is ready');
  await chat.page.getByRole('button', { name: 'Unpin' }).click();
  await expect(seen).not.toContainText('pinned');
});

test('a link leads to its message, wherever in a long room', async ({ chat, page, context, somebodyElse }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { room } = await openGroup(chat, 'Kitchen', ['Budi'], somebodyElse);
  const first = await say(chat, 'The recipe is here');
  await first.focus();
  await page.keyboard.press('l');
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain('/room/');
  await expect(page.getByRole('toolbar')).toHaveText('Link copied');
  await expect(page.getByRole('log')).toContainText('Link copied');
  const address = await page.evaluate(() => navigator.clipboard.readText());
  for (let number = 0; number < 70; number++) {
    await command(page.request, 'chat:message', { room, text: `Something else ${number}` });
  }
  await expect(messageOf(chat, 'Something else 69')).toBeVisible();
  const other = await context.newPage();
  await other.goto(address);
  const target = other.locator('article[data-message]', { hasText: 'The recipe is here' });
  await expect(target).toBeInViewport();
  await other.getByRole('button', { name: 'Jump to the latest message' }).click();
  await expect(other.locator('article[data-message]').last()).toContainText('Something else 69');
  await expect(other.locator('article[data-message]').last()).toBeInViewport();
});

test('names are completed by keyboard, and who is mentioned is told', async ({ chat, page, somebodyElse }) => {
  const { others } = await openGroup(chat, 'Kitchen', ['Budi', 'Berta'], somebodyElse);
  const [budi] = others as [typeof chat];
  await budi.open('/');
  await chat.field.pressSequentially('Hello @b');
  const options = page.getByRole('listbox').getByRole('option');
  await expect(options).toHaveText(['Berta', 'Budi']);
  await page.keyboard.press('ArrowDown');
  await expect(options.nth(1)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(chat.field).toHaveValue('Hello @Budi ');
  await expect(options).toHaveCount(0);
  await chat.field.press('Enter');
  await expect(unreadIn(budi, '1 unread, 1 mention')).toBeVisible();
  await budi.rooms.getByRole('link', { name: /^Kitchen/ }).click();
  await expect(messageOf(budi, 'Hello @Budi')).toHaveClass(/mentioned/);

  // Whom nobody knows is not told, which is said before it is sent.
  await chat.field.pressSequentially('And @zoe');
  await expect(chat.hint).toHaveText('Nobody here is called @zoe, so nobody will be told.');
});

test('a link is copied where browsers have no clipboard for scripts, as without HTTPS', async ({ chat, page, somebodyElse }) => {
  await page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  const { room } = await openGroup(chat, 'Kitchen', ['Budi'], somebodyElse);
  await choose(chat, await say(chat, 'The recipe is here'), 'Copy link');
  await chat.field.press('ControlOrMeta+V');
  await expect(chat.field).toHaveValue(new RegExp(`/room/${room}\\?message=`));
});
