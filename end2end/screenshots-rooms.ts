/** Pictures of rooms of people, as their members see them. Not a test. */
import type { APIRequestContext } from '@playwright/test';

import { unreadIn } from './support/attention.ts';
import type { Chat } from './support/chat.ts';
import { expect, test } from './support/fixtures.ts';
import { newPerson } from './support/people.ts';
import { LOOKS } from './support/pictures.ts';
import { command, createGroup, messageOf, openGroup, say } from './support/rooms.ts';

const QUESTION = 'When do we plant the rice this year? Last time the seedlings stood in water for a week.';
const PACE = { rate: 200, thinking_rate: 100 };

for (const { name, isPhone, options, picture } of LOOKS) {
  test.describe(name, () => {
    test.use(options);
    test.setTimeout(240_000);

    /** Says it without the page. Returns the message's identifier. */
    const said = (request: APIRequestContext, room: string, text: string, more = {}): Promise<string> =>
      command(request, 'chat:message', { room, text, ...more });

    const point = async (chat: Chat, words: string): Promise<void> => {
      const message = messageOf(chat, words).first();
      // Not a link in it.
      if (isPhone) await message.tap({ position: { x: 5, y: 5 } });
      else await message.hover();
      await expect(chat.page.getByRole('toolbar')).toBeVisible();
    };
    const press = (chat: Chat, action: string): Promise<void> => {
      const button = chat.page.getByRole('toolbar').getByRole('button', { name: action, exact: true });
      return isPhone ? button.tap() : button.click();
    };

    test('a room of people', async ({ chat, page, simulator, somebodyElse }) => {
      const { room, others } = await openGroup(chat, 'Harvest', ['Budi', 'Citra', 'Dewi'], somebodyElse);
      const [budi, citra, dewi] = others as [Chat, Chat, Chat];
      const [ana, b, c, d] = [page.request, budi.page.request, citra.page.request, dewi.page.request];
      await picture(page, 'room-empty');
      await command(ana, 'room:change', { room, topic: 'Rice, beans and what the weather lets us do' });

      const question = await said(b, room, QUESTION);
      const rain = await said(c, room, 'After the first rain, I would say');
      await said(c, room, 'My neighbour has already begun');
      const answer = 'Let us ask somebody who knows. **Budi**, can you bring the `moisture` readings?';
      await said(ana, room, answer, { reply_to: question });
      const photograph = await said(d, room, 'I have a photograph of the field');
      const friday = await said(b, room, '@Ana I bring them on Friday');
      const react = (request: APIRequestContext, message: string, emoji: string): Promise<string> =>
        command(request, 'chat:react', { room, message, emoji, is_on: true });
      for (const request of [ana, b, d]) await react(request, rain, '👍');
      await react(b, rain, '🎉');
      await command(ana, 'chat:pin', { room, message: rain, is_on: true });
      await command(d, 'chat:delete', { room, message: photograph });
      await command(b, 'chat:edit', { room, message: friday, text: '@Ana I bring them on Thursday' });
      await said(d, room, 'Good. Then I prepare the seedlings', { reply_to: friday });
      await expect(messageOf(chat, 'prepare the seedlings')).toBeVisible();
      await picture(page, 'room-talk');

      const ask = '@Kimi when is the first rain expected in Central Java?';
      await simulator.script({ match: 'first rain expected', ...PACE, table: true, gate: 'middle@90' });
      await simulator.script({ match: 'and the beans', ...PACE, gate: 'thought@thinking:30' });
      await say(chat, ask);
      await simulator.untilAt('middle');
      await citra.field.pressSequentially('Hm');
      await dewi.field.pressSequentially('So');
      await expect(page.locator('.typing')).toContainText('Citra and Dewi');
      await picture(page, 'room-writing');
      await say(budi, '@kimi and the beans?');
      await expect(chat.reply).toContainText('1 reply before it');
      await picture(page, 'room-queued');
      await simulator.release('middle');
      await simulator.untilAt('thought');
      await picture(page, 'room-thinking');
      await simulator.release('thought');
      await chat.untilStatus('done');
      await citra.field.fill('');
      await dewi.field.fill('');
      await picture(page, 'room-end');

      await page.locator('.messages').evaluate((element) => element.scrollTo(0, 0));
      await picture(page, 'room');
      await point(chat, 'After the first rain');
      await picture(page, 'room-toolbar');
      await press(chat, 'React');
      await picture(page, 'room-react');
      await page.keyboard.press('Escape');
      await point(chat, 'somebody who knows');
      await press(chat, 'Delete');
      await picture(page, 'room-delete');
      await press(chat, 'Keep');
      await point(chat, 'After the first rain');
      await press(chat, 'Reply');
      await chat.field.pressSequentially('I think @');
      await expect(page.getByRole('listbox')).toBeVisible();
      await picture(page, 'room-mention');
      await page.keyboard.press('Escape');
      await chat.field.pressSequentially('Zoe');
      await expect(chat.hint).toContainText('Nobody here');
      await picture(page, 'room-mention-nobody');
      await page.keyboard.press('Escape');
      await chat.field.fill('');
      await point(chat, 'somebody who knows');
      await press(chat, 'Edit');
      await picture(page, 'room-editing');
      await page.keyboard.press('Escape');
      await page.locator('.about > summary').click();
      await picture(page, 'room-about');
      await page.locator('.about > summary').click();

      await command(ana, 'room:change', { room, is_archived: true });
      await expect(page.locator('.room-head + .banner')).toBeVisible();
      await picture(page, 'room-archived');
    });

    test('the list, and a room one is removed from', async ({ chat, page, person, somebodyElse, problems }) => {
      problems.allow(/status of 404/);
      const [budi, citra] = [newPerson('Budi Santoso-Wibisono'), newPerson('Citra')];
      await somebodyElse(citra);
      const budiPage = await somebodyElse(budi);
      const [b, ana] = [budiPage.request, page.request];
      const title = 'Everything about the irrigation of the upper fields';
      for (const old of ['Harvest 2025', 'Seeds']) {
        await command(ana, 'room:change', { room: await createGroup(ana, old, []), is_archived: true });
      }
      const alone = await createGroup(ana, title, []);
      const direct = crypto.randomUUID();
      await command(b, 'room:create', { room: direct, kind: 'direct', with: [person.email] });
      const harvest = await createGroup(b, 'Harvest', [person.email, citra.email]);
      const market = await createGroup(b, 'Market', [person.email]);
      await command(ana, 'room:create', { room: crypto.randomUUID(), title: 'A weekend in Jakarta', kind: 'solo' });

      for (const line of ['The field is dry', 'How long does the rain need to reach us?', 'A week?']) {
        await said(b, harvest, line);
      }
      await chat.open(`/room/${harvest}`);
      await expect(messageOf(chat, 'A week?')).toBeVisible();
      await chat.open(`/room/${alone}`);
      await said(b, harvest, '@Ana are you there?');
      await said(b, harvest, 'We need you');
      for (let stall = 1; stall < 30; stall++) await said(b, market, `Stall ${stall}\n\n- rice 12.500\n- beans 9.000`);
      await said(b, direct, 'I call you tonight, if I may');
      if (isPhone) await page.locator('label.menu-button').tap();
      await expect(unreadIn(chat, '2 unread, 1 mention')).toBeVisible();
      await expect(unreadIn(chat, '1 unread')).toBeVisible();
      await page.locator('.archived > summary').click();
      await picture(page, 'rooms-unread');
      if (!isPhone) {
        await chat.rooms.getByRole('link', { name: 'Everything about' }).hover();
        await picture(page, 'rooms-pointed');
      }
      await chat.rooms.getByRole('button', { name: `Delete ${title}` }).click();
      await picture(page, 'rooms-delete');
      await chat.rooms.getByRole('button', { name: 'Keep' }).click();

      await chat.open(`/room/${market}`);
      await picture(page, 'room-unread-many');
      await chat.open(`/room/${direct}`);
      await say(chat, 'Of course, after eight');
      await picture(page, 'room-direct');
      await chat.open(`/room/${harvest}`);
      await expect(page.locator('.unread-line')).toBeVisible();
      await picture(page, 'room-unread');

      const answer = await b.get(`/api/room?room=${harvest}`);
      const { members } = (await answer.json()) as { members: { id: string; name: string }[] };
      const user = members.find((member) => member.name === person.name)?.id;
      await command(b, 'room:remove', { room: harvest, user });
      await expect(messageOf(chat, 'A week?')).toBeHidden();
      await picture(page, 'room-removed');
      await page.reload();
      await picture(page, 'room-removed-later');
    });
  });
}
