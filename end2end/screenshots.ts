/** Pictures of every state of the pages, wide and narrow, light and dark, into target/screenshots. Not a test. */
import type { Locator } from '@playwright/test';

import { Chat } from './support/chat.ts';
import { expect, test } from './support/fixtures.ts';
import { Gateway } from './support/gateway.ts';
import { register } from './support/people.ts';
import { LOOKS } from './support/pictures.ts';

const QUESTION = 'Plan a weekend in Jakarta, with a table and some code';

for (const { name, isPhone, options, picture } of LOOKS) {
  test.describe(name, () => {
    test.use(options);

    const press = (target: Locator): Promise<void> => (isPhone ? target.tap() : target.click());

    test('sign in', async ({ page, person }) => {
      await page.goto('/register');
      await picture(page, 'register');
      await page.goto('/sign-in');
      await picture(page, 'sign-in');
      await page.getByLabel('E-mail').fill(person.email);
      await page.getByLabel('Password').fill('not the right one');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await expect(page.getByRole('alert')).toBeVisible();
      await picture(page, 'sign-in-refused');
    });

    test('chat', async ({ chat, page, network, simulator, problems }) => {
      problems.allowNetworkErrors();
      await picture(page, 'empty');

      // Scripted behind the scenes: the pictures show what people write.
      const pace = { rate: 200, thinking_rate: 100 };
      await simulator.script({ match: QUESTION, ...pace, table: true, code: true, gate: 'middle@70' });
      await chat.ask(QUESTION);
      await simulator.untilAt('middle');
      await chat.untilStatus('writing');
      await picture(page, 'streaming');
      await simulator.release('middle');
      await chat.untilStatus('done');
      await picture(page, 'conversation-end');
      await press(chat.reply.locator('details.thinking summary'));
      await chat.said.first().scrollIntoViewIfNeeded();
      await picture(page, 'conversation');

      const atEnd = async (name: string): Promise<void> => {
        const toEnd = page.getByRole('button', { name: 'Jump to the latest message' });
        if (await toEnd.isVisible()) await press(toEnd);
        await expect(toEnd).toBeHidden();
        await picture(page, name);
      };
      await simulator.script({ match: 'think about it', ...pace, gate: 'thought@thinking:30' });
      await chat.ask('Please think about it a little longer');
      await simulator.untilAt('thought');
      await atEnd('thinking');
      await press(chat.stop);
      await chat.untilStatus('stopped');

      await simulator.script({ match: 'what if', fail: 'content_filter' });
      await chat.ask('And what if it rains?');
      await chat.untilStatus('failed');
      await atEnd('failed');

      await chat.field.fill('é'.repeat(17_000));
      await expect(chat.hint).toContainText('Too long');
      await picture(page, 'too-long');
      await chat.field.fill('');

      await simulator.script({ match: 'a longer story', ...pace, gate: 'told@40' });
      await chat.ask('Tell me a longer story');
      await simulator.untilAt('told');
      await press(chat.stop);
      await chat.untilStatus('stopped');
      await atEnd('stopped');

      await network.refuse();
      await expect(chat.connection).toContainText('Next try in');
      await atEnd('connection-lost');
      await chat.field.fill('And pack an umbrella, please');
      await chat.field.press('Enter');
      await expect(page.locator('article.pending')).toContainText('Waiting for the connection');
      await atEnd('pending');
      const menu = page.locator('label.menu-button');
      if (isPhone) await menu.tap();
      await press(chat.rooms.getByRole('button', { name: 'Sign out' }));
      await picture(page, 'sign-out-question');
      await press(chat.rooms.getByRole('button', { name: 'Stay' }));
      if (isPhone) await page.touchscreen.tap(350, 400);
      await network.accept();

      if (isPhone) {
        await chat.untilConnected();
        await page.locator('label.menu-button').tap();
        await expect(chat.rooms).toBeInViewport();
        await picture(page, 'menu');
      }
    });

    test('without a WebSocket', async ({ network, page, person, problems }) => {
      problems.allowNetworkErrors();
      problems.allow(/WebSocket connection to .* failed/);
      const gateway = await Gateway.start(network.url);
      await register(page.request, person);
      // Cookies know no ports.
      await page.goto(gateway.url);
      const chat = new Chat(page);
      await chat.untilLive();
      if (isPhone) await page.locator('label.menu-button').tap();
      await expect(chat.rooms).toContainText('Connected by event stream');
      await picture(page, 'event-stream');
      await page.goto('about:blank');
      await gateway.stop();
    });
  });
}
