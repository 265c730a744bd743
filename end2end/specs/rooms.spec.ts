import { expect, test } from '../support/fixtures.ts';
import { Chat } from '../support/chat.ts';
import { roomOf } from '../support/conversation.ts';
import { newPerson } from '../support/people.ts';

const QUICK = '/sim rate=0 thinking_rate=0';

async function begin(chat: Chat, title: string): Promise<void> {
  await chat.ask(`${title}\n${QUICK}`);
  await chat.untilStatus('done');
  await expect(chat.roomLink(title)).toBeVisible();
}

test('conversations are listed, newest first, and open where they were', async ({ chat, page }) => {
  await begin(chat, 'About apples');
  await chat.rooms.getByRole('link', { name: 'New conversation' }).click();
  await expect(page).toHaveURL('/');
  await begin(chat, 'About pears');
  await expect(chat.rooms.locator('.room-row a')).toHaveText(['About pears', 'About apples']);

  await chat.roomLink('About apples').click();
  await expect(page.getByRole('heading', { level: 1, name: 'About apples' })).toBeVisible();
  await expect(chat.said).toHaveText([/About apples/]);
  await page.goBack();
  await expect(chat.said).toHaveText([/About pears/]);
  await page.reload();
  await chat.untilLive();
  await expect(chat.said).toHaveText([/About pears/]);
  await expect(page).toHaveTitle('About pears · SiteSpark');
});

test('rename a conversation, here and in a second tab', async ({ chat, page, context }) => {
  await begin(chat, 'A working title');
  const other = new Chat(await context.newPage());
  await other.open(new URL(page.url()).pathname);

  await chat.roomLink('A working title').hover();
  await page.getByRole('button', { name: 'Rename A working title' }).click();
  const field = page.getByRole('textbox', { name: 'New name' });
  await expect(field).toBeFocused();
  await expect(field).toHaveValue('A working title');
  await page.keyboard.press('Escape');
  await expect(field).toBeHidden();

  await chat.roomLink('A working title').hover();
  await page.getByRole('button', { name: 'Rename A working title' }).click();
  await field.fill('The <b>final</b> title');
  await page.keyboard.press('Enter');
  for (const tab of [chat, other]) {
    await expect(tab.roomLink('The <b>final</b> title')).toBeVisible();
    await expect(tab.roomLink('A working title')).toBeHidden();
    await expect(tab.page.getByRole('heading', { level: 1 })).toHaveText('The <b>final</b> title');
  }
  await page.reload();
  await expect(chat.roomLink('The <b>final</b> title')).toBeVisible();
});

test('delete a conversation: asked first, then gone everywhere', async ({ chat, page, context, problems }) => {
  problems.allow(/status of 404/);
  await begin(chat, 'Not for ever');
  const address = page.url();
  const other = new Chat(await context.newPage());
  await other.open(new URL(address).pathname);

  await chat.roomLink('Not for ever').hover();
  await page.getByRole('button', { name: 'Delete Not for ever' }).click();
  const question = page.getByRole('group', { name: 'Delete Not for ever?' });
  await question.getByRole('button', { name: 'Keep' }).click();
  await expect(chat.roomLink('Not for ever')).toBeVisible();

  await chat.roomLink('Not for ever').hover();
  await page.getByRole('button', { name: 'Delete Not for ever' }).click();
  await question.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page).toHaveURL('/');
  await expect(chat.roomLink('Not for ever')).toBeHidden();
  await expect(other.roomLink('Not for ever')).toBeHidden();
  await expect(other.page.getByText('This conversation is not here')).toBeVisible();
  const response = await page.goto(address);
  expect(response?.status()).toBe(404);
  await expect(page.getByText('This conversation is not here')).toBeVisible();
});

test('a room of somebody else is not there', async ({ chat, page, somebodyElse, problems }) => {
  problems.allow(/status of 404/);
  await begin(chat, 'My secret garden');
  const eve = await somebodyElse(newPerson('Eve'));
  const response = await eve.goto(page.url());
  expect(response?.status()).toBe(404);
  await expect(eve.getByText('This conversation is not here')).toBeVisible();
  expect(await eve.content()).not.toContain('My secret garden');
  const answer = await eve.request.get(`/api/room?room=${roomOf(page)}`);
  expect(answer.ok()).toBe(false);
  expect(await answer.text()).not.toContain('garden');
});

test('an address that does not exist says so', async ({ page, problems }) => {
  problems.allow(/status of 404/);
  const response = await page.goto('/no/such/page');
  expect(response?.status()).toBe(404);
  await expect(page.getByRole('heading', { name: 'There is nothing here' })).toBeVisible();
});
