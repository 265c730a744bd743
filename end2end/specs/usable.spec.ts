/** Pages and states for everyone: what axe finds, in both themes; what is heard of a stream; the main job by keyboard. */
import type { Page } from '@playwright/test';

import { expectUsable } from '../support/audit.ts';
import type { Chat } from '../support/chat.ts';
import { expect, test } from '../support/fixtures.ts';
import { newPerson } from '../support/people.ts';
import { LOOKS } from '../support/pictures.ts';
import { command, createGroup, messageOf, openGroup, say } from '../support/rooms.ts';

const heard = (page: Page): Promise<string[]> => page.getByRole('log').locator('p').allTextContents();

for (const { name, isPhone, options } of LOOKS) {
  test.describe(name, () => {
    test.use(options);

    test('nothing is in anybody’s way on the pages of accounts', async ({ page, person }) => {
      for (const path of ['/sign-in', '/register', '/sign-in?next=/invite/x']) {
        await page.goto(path);
        await expectUsable(page, path);
      }
      await page.goto('/sign-in');
      await page.getByLabel('E-mail').fill(person.email);
      await page.getByLabel('Password').fill('not the right one');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await expect(page.getByRole('alert')).toBeVisible();
      await expectUsable(page, 'a refused sign-in');
    });

    test('nor in a conversation', async ({ chat, page, simulator, network, problems }) => {
      problems.allowNetworkErrors();
      await expectUsable(page, 'a new conversation');
      const script = { rate: 400, thinking_rate: 400, table: true, code: true, gate: 'middle@70' };
      await simulator.script({ match: 'everything', ...script });
      await chat.ask('Show me everything');
      await simulator.untilAt('middle');
      await expectUsable(page, 'a reply that is being written');
      await simulator.release('middle');
      await chat.untilStatus('done');
      await chat.reply.focus();
      await expect(page.getByRole('toolbar')).toBeVisible();
      await expectUsable(page, 'a reply, and its toolbar');
      if (isPhone) await page.locator('label.menu-button').click();
      await expect(chat.rooms).toBeInViewport();
      await expectUsable(page, 'the list of rooms');
      if (isPhone) await page.mouse.click(350, 400);
      await page.keyboard.press('ControlOrMeta+k');
      await expect(page.getByRole('dialog', { name: 'Go to' })).toBeVisible();
      await expectUsable(page, 'the palette');
      await page.keyboard.press('Escape');
      await chat.field.fill('/');
      await expect(page.getByRole('listbox', { name: 'Commands' }).getByRole('option')).toHaveCount(4);
      await expectUsable(page, 'commands that are offered');
      await chat.field.fill('/help');
      await chat.field.press('Enter');
      await expect(page.getByRole('dialog', { name: 'Keys and commands' })).toBeVisible();
      await expectUsable(page, 'the sheet of keys');
      await page.keyboard.press('Escape');
      await page.getByTitle('Model and instructions').click();
      await expect(page.getByRole('dialog', { name: 'Model and instructions' })).toBeVisible();
      await expectUsable(page, 'the model and its instructions');
      await page.keyboard.press('Escape');
      await chat.field.fill('**Rain**');
      await page.getByRole('button', { name: 'Preview' }).click();
      await expectUsable(page, 'a preview');
      await page.getByRole('button', { name: 'Write', exact: true }).click();
      await simulator.script({ match: 'forbidden', fail: 'content_filter' });
      await chat.ask('Something forbidden');
      await chat.untilStatus('failed');
      await network.refuse();
      await chat.untilDisconnected();
      await expectUsable(page, 'a failure, without a connection');
      await network.accept();
    });

    test('nor in a room of people, and on its pages', async ({ chat, page, somebodyElse, problems }) => {
      problems.allow(/status of 4\d\d/);
      const { room, others } = await openGroup(chat, 'Kitchen', ['Budi'], somebodyElse);
      const [budi] = others as [Chat];
      const said = await say(budi, 'Who brings the rice, @Ana?');
      const id = await said.getAttribute('data-message');
      await command(page.request, 'chat:react', { room, message: id, emoji: '👍', is_on: true });
      await expect(messageOf(chat, 'Who brings the rice')).toBeVisible();
      await page.locator('.about summary').click();
      await expectUsable(page, 'a room of people, and who is in it');
      for (const path of [`/room/${room}/details`, `/room/${room}/message/${id}/history`, '/rooms/new', '/nowhere']) {
        await page.goto(path);
        await expectUsable(page, path);
      }
      const invite = await command(page.request, 'room:invite', { room, lifetime_ms: 86_400_000, uses: 1 });
      const stranger = await somebodyElse(newPerson('Citra'));
      await stranger.goto(`/invite/${room}/${invite}`);
      await expectUsable(stranger, 'an invitation');
      await command(page.request, 'room:change', { room, is_archived: true });
      await page.goto(`/room/${room}`);
      await expectUsable(page, 'an archived room');
    });
  });
}

test('who hears the page hears who writes, whole sentences, and the end', async ({ chat, page, simulator }) => {
  await simulator.script({
    match: 'rain',
    text: 'It rains a **lot**. Take [a coat](https://example.org) with you!\n\n```sh\nexit 1\n```\n\nThat is all',
    rate: 100,
    gate: 'middle@6',
  });
  const steps: string[][] = [];
  await page.exposeFunction('heardNow', (lines: string[]) => void steps.push(lines));
  await page.evaluate(() => {
    const log = document.querySelector('[role=log]') as HTMLElement;
    const now = (): string[] => [...log.querySelectorAll('p')].map((line) => line.textContent);
    const tell = (window as unknown as { heardNow: (lines: string[]) => void }).heardNow;
    new MutationObserver(() => tell(now())).observe(log, { childList: true, subtree: true, characterData: true });
  });
  await chat.ask('What about the rain?');
  await simulator.untilAt('middle');
  await simulator.release('middle');
  await chat.untilStatus('done');
  const expected = [
    'Kimi is thinking',
    'Kimi is writing',
    'It rains a lot.',
    'Take a coat with you!',
    'Code sh',
    'That is all',
    'Kimi is done',
  ];
  await expect.poll(() => heard(page)).toEqual(expected);
  // Nothing that was said ever changed: each time it is the beginning of all.
  for (const step of steps) expect(step).toEqual(expected.slice(0, step.length));
  expect(steps.length).toBeGreaterThan(2);
});

test('where one goes is heard, and which room is open', async ({ chat, page }) => {
  await createGroup(page.request, 'Kitchen', []);
  await createGroup(page.request, 'Garden', []);
  await chat.roomLink('Kitchen').click();
  await expect.poll(() => heard(page)).toEqual(['Kitchen']);
  await chat.roomLink('Garden').click();
  await expect.poll(() => heard(page)).toEqual(['Garden']);
  await expect(chat.rooms.locator('[aria-current=page]')).toHaveText('Garden');
  await chat.rooms.getByRole('link', { name: 'New conversation' }).click();
  await expect.poll(() => heard(page)).toEqual(['New conversation']);
  await expect(chat.rooms.locator('[aria-current=page]')).toHaveCount(0);
});

test('what others say is heard, and what one says oneself is not', async ({ chat, page, somebodyElse }) => {
  const { others } = await openGroup(chat, 'Kitchen', ['Budi'], somebodyElse);
  const [budi] = others as [Chat];
  await say(chat, 'Mine');
  await budi.field.fill('Theirs, *truly*');
  await budi.field.press('Enter');
  await expect.poll(() => heard(page)).toEqual(['Budi: Theirs, truly']);
});

test('the main job without a mouse: sign in, ask, stop, read, retry, begin anew', async ({ page, person, chat, simulator }) => {
  await chat.rooms.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/sign-in/);
  const press = (...keys: string[]): Promise<void> =>
    keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
  /** Tab until it is there: at most so often. */
  const tabTo = async (role: 'button' | 'textbox' | 'link', name: string): Promise<void> => {
    const target = page.getByRole(role, { name, exact: true });
    for (let times = 0; times < 40; times += 1) {
      if (await target.evaluate((element) => element === document.activeElement).catch(() => false)) break;
      await press('Tab');
    }
    await expect(target).toBeFocused();
    const outline = await target.evaluate((element) => {
      const style = getComputedStyle(element);
      return style.outlineStyle !== 'none' || style.boxShadow !== 'none' || element.matches('textarea');
    });
    expect(outline, `${name} shows that it has the focus`).toBe(true);
  };
  await tabTo('textbox', 'E-mail');
  await page.keyboard.type(person.email);
  await press('Tab');
  await page.keyboard.type(person.password);
  await press('Enter');
  await chat.untilLive();
  await expect(chat.field, 'one can write at once').toBeFocused();
  await simulator.script({ match: 'a story', rate: 200, gate: 'told@30' });
  await page.keyboard.type('Tell me a story');
  await press('Enter');
  await simulator.untilAt('told');
  await tabTo('button', 'Stop');
  await press('Enter');
  await chat.untilStatus('stopped');
  await page.getByRole('group', { name: 'Messages' }).focus();
  await press('Enter');
  await expect(chat.reply).toBeFocused();
  await tabTo('button', 'Retry');
  await press('Enter');
  await chat.untilStatus('done');
  await tabTo('link', 'New conversation');
  await press('Enter');
  await expect(page).toHaveURL(/\/$/);
  await expect(page.getByRole('heading', { name: 'What would you like to talk about?' })).toBeVisible();
});
