/** Pictures of every state of the pages, wide and narrow, light and dark, into target/screenshots. Not a test. */
import { Chat } from './support/chat.ts';
import { expect, test } from './support/fixtures.ts';
import { Gateway } from './support/gateway.ts';
import { register } from './support/people.ts';
import { FOLDER, SIZES } from './support/pictures.ts';

const QUESTION = 'Plan a weekend in Jakarta, with a table and some code';

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${size}, ${colorScheme}`, () => {
      test.use({ viewport, colorScheme, deviceScaleFactor: 2 });

      const file = (state: string): { path: string } => ({ path: `${FOLDER}/${state}-${size}-${colorScheme}.png` });

      test('sign in', async ({ page, person }) => {
        await page.goto('/register');
        await page.screenshot(file('register'));
        await page.goto('/sign-in');
        await page.screenshot(file('sign-in'));
        await page.getByLabel('E-mail').fill(person.email);
        await page.getByLabel('Password').fill('not the right one');
        await page.getByRole('button', { name: 'Sign in' }).click();
        await expect(page.getByRole('alert')).toBeVisible();
        await page.screenshot(file('sign-in-refused'));
      });

      test('chat', async ({ chat, page, network, simulator, problems }) => {
        problems.allowNetworkErrors();
        await page.screenshot(file('empty'));

        // Scripted behind the scenes: the pictures show what people write.
        const pace = { rate: 200, thinking_rate: 100 };
        await simulator.script({ match: QUESTION, ...pace, table: true, code: true, gate: 'middle@70' });
        await chat.ask(QUESTION);
        await simulator.untilAt('middle');
        await chat.untilStatus('writing');
        await page.screenshot(file('streaming'));
        await simulator.release('middle');
        await chat.untilStatus('done');
        await page.screenshot(file('conversation-end'));
        await chat.reply.locator('details.thinking summary').click();
        await chat.said.first().scrollIntoViewIfNeeded();
        await page.screenshot(file('conversation'));

        const atEnd = async (name: string): Promise<void> => {
          const toEnd = page.getByRole('button', { name: 'Jump to the latest message' });
          if (await toEnd.isVisible()) await toEnd.click();
          await expect(toEnd).toBeHidden();
          await page.screenshot(file(name));
        };
        await simulator.script({ match: 'think about it', ...pace, gate: 'thought@thinking:30' });
        await chat.ask('Please think about it a little longer');
        await simulator.untilAt('thought');
        await atEnd('thinking');
        await chat.stop.click();
        await chat.untilStatus('stopped');

        await simulator.script({ match: 'what if', fail: 'content_filter' });
        await chat.ask('And what if it rains?');
        await chat.untilStatus('failed');
        await atEnd('failed');

        await chat.field.fill('é'.repeat(17_000));
        await expect(chat.hint).toContainText('Too long');
        await page.screenshot(file('too-long'));
        await chat.field.fill('');

        await simulator.script({ match: 'a longer story', ...pace, gate: 'told@40' });
        await chat.ask('Tell me a longer story');
        await simulator.untilAt('told');
        await chat.stop.click();
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
        if (size === 'phone') await menu.click();
        await chat.rooms.getByRole('button', { name: 'Sign out' }).click();
        await page.screenshot({ ...file('sign-out-question'), animations: 'disabled' });
        await chat.rooms.getByRole('button', { name: 'Stay' }).click();
        if (size === 'phone') await page.mouse.click(350, 400);
        await network.accept();

        if (size === 'phone') {
          await chat.untilConnected();
          await page.locator('label.menu-button').click();
          await expect(chat.rooms).toBeInViewport();
          await page.screenshot({ ...file('menu'), animations: 'disabled' });
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
        if (size === 'phone') await page.locator('label.menu-button').click();
        await expect(chat.rooms).toContainText('Connected by event stream');
        await page.screenshot({ ...file('event-stream'), animations: 'disabled' });
        await page.goto('about:blank');
        await gateway.stop();
      });
    });
  }
}
