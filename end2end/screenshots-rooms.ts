/** Pictures of rooms of people and of the pages about them. Not a test. */
import { fileURLToPath } from 'node:url';

import type { Page } from '@playwright/test';

import { Chat } from './support/chat.ts';
import { expect, test } from './support/fixtures.ts';
import { choose, command, messageOf, openGroup, say } from './support/rooms.ts';

const FOLDER = fileURLToPath(new URL('../target/screenshots', import.meta.url));
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } };

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${size}, ${colorScheme}`, () => {
      test.use({ viewport, colorScheme, deviceScaleFactor: 2 });

      const picture = async (page: Page, state: string, fullPage = false): Promise<void> => {
        const path = `${FOLDER}/${state}-${size}-${colorScheme}.png`;
        await page.screenshot({ path, fullPage, animations: 'disabled' });
      };

      test('a room of people', async ({ chat, page, simulator, somebodyElse, problems }) => {
        test.setTimeout(180_000);
        problems.allow(/status of 404/);
        const { room, others } = await openGroup(chat, 'Harvest', ['Budi', 'Citra', 'Dewi'], somebodyElse);
        const [budi, citra, dewi] = others as [Chat, Chat, Chat];
        await picture(page, 'room-empty');
        await command(page.request, 'room:change', { room, topic: 'Rice, beans and what the weather lets us do' });

        await say(budi, 'When do we plant the rice this year? Last time the seedlings stood in water for a week.');
        await say(citra, 'After the first rain, I would say');
        await say(citra, 'My neighbour has already begun');
        await messageOf(chat, 'When do we plant').hover();
        await choose(chat, messageOf(chat, 'When do we plant'), 'Reply');
        await chat.field.fill('Let us ask somebody who knows. **Budi**, can you bring the `moisture` readings?');
        await chat.field.press('Enter');
        await expect(messageOf(chat, 'Let us ask somebody')).toBeVisible();
        await choose(budi, messageOf(budi, 'After the first rain'), 'React');
        await budi.page.getByRole('toolbar').getByRole('button', { name: '👍' }).click();
        await messageOf(chat, 'After the first rain').getByRole('button', { name: '👍' }).click();
        await say(dewi, 'I have a photograph of the field');
        await choose(dewi, messageOf(dewi, 'photograph'), 'Delete');
        await dewi.page.getByRole('toolbar').getByRole('button', { name: 'Delete', exact: true }).click();
        await choose(budi, await say(budi, 'I bring them on Friday'), 'Edit');
        await budi.field.fill('I bring them on Thursday, @Ana');
        await budi.field.press('Enter');
        await choose(chat, messageOf(chat, 'After the first rain'), 'Pin');
        const pace = { rate: 200, thinking_rate: 100 };
        await simulator.script({ match: 'when is the first rain', ...pace, table: true, gate: 'middle@90' });
        await chat.field.fill('@Kimi when is the first rain expected in Central Java?');
        await chat.field.press('Enter');
        await simulator.untilAt('middle');
        await citra.field.pressSequentially('Hm');
        await dewi.field.pressSequentially('So');
        await expect(page.locator('.typing')).toContainText('Citra');
        await picture(page, 'room-writing');
        await say(budi, '@kimi and the beans?');
        await picture(page, 'room-queued');
        await simulator.release('middle');
        await chat.untilStatus('done');
        await page.locator('.messages').evaluate((element) => element.scrollTo(0, 0));
        await picture(page, 'room');
        await messageOf(chat, 'After the first rain').hover();
        await picture(page, 'room-toolbar');
        await choose(chat, messageOf(chat, 'After the first rain'), 'React');
        await picture(page, 'room-react');
        await page.keyboard.press('Escape');
        await choose(chat, messageOf(chat, 'After the first rain'), 'Reply');
        await chat.field.pressSequentially('I think @');
        await picture(page, 'room-mention');
        await page.keyboard.press('Escape');
        await page.keyboard.press('Escape');
        await chat.field.fill('');
        await page.locator('.about > summary').click();
        await picture(page, 'room-about');
        await page.locator('.about > summary').click();

        await page.goto(`/room/${room}/details`);
        await picture(page, 'details-owner', true);
        await page.getByRole('link', { name: 'Change Budi' }).click();
        await picture(page, 'details-member-change');
        await page.getByRole('button', { name: 'Make a link' }).click();
        const link = await page.getByLabel('Link of the invitation, to copy').inputValue();
        await picture(page, 'details-invitation');
        await page.getByRole('textbox', { name: 'Add somebody' }).fill('nobody@example.org');
        await page.getByRole('button', { name: 'Add', exact: true }).click();
        await picture(page, 'details-refused');
        await dewi.page.goto(`/room/${room}/details`);
        await dewi.page.setViewportSize(viewport);
        await picture(dewi.page, 'details-member', true);
        await messageOf(budi, 'on Thursday').getByRole('link', { name: 'edited' }).click();
        await budi.page.setViewportSize(viewport);
        await picture(budi.page, 'history');
        await budi.page.goto(link);
        await picture(budi.page, 'invitation-member');
        const stranger = await page.context().browser()!.newContext({ viewport, colorScheme, deviceScaleFactor: 2 });
        const outside = await stranger.newPage();
        await outside.goto(new URL(link, page.url()).href);
        await picture(outside, 'invitation-signed-out');
        await stranger.close();

        // Ana has been away: unread messages in the list, and the line in the room.
        await page.goto('/rooms/new');
        await picture(page, 'new-room');
        await page.getByRole('textbox', { name: /^People/ }).fill('nobody@example.org');
        await page.getByRole('button', { name: 'Create' }).click();
        await picture(page, 'new-room-refused');
        await chat.open('/');
        await citra.field.fill('');
        await say(citra, 'Ana, are you there?');
        await say(citra, 'We need you, @Ana');
        if (size === 'phone') await page.locator('label.menu-button').click();
        await expect(chat.rooms).toContainText(/\d unread/);
        await picture(page, 'rooms-unread');
        await chat.open(`/room/${room}`);
        await picture(page, 'room-unread');

        await command(page.request, 'room:change', { room, is_archived: true });
        await expect(page.locator('.room-head + .banner')).toBeVisible();
        await picture(page, 'room-archived');
      });
    });
  }
}
