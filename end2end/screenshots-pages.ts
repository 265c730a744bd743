/** Pictures of the pages about rooms: a new one, details, invitations, histories. Not a test. */
import { expect, test } from './support/fixtures.ts';
import { newPerson, register } from './support/people.ts';
import { LOOKS } from './support/pictures.ts';
import { command, createGroup } from './support/rooms.ts';

for (const { name, options, picture } of LOOKS) {
  test.describe(name, () => {
    test.use(options);
    test.setTimeout(180_000);

    test('pages about rooms', async ({ chat, page, somebodyElse, browser, problems }) => {
      problems.allow(/status of 4\d\d/);
      const persons = ['Budi', 'Citra', 'Dewi Kusumawardhani'].map((each) => newPerson(each));
      const others = [];
      for (const person of persons) others.push(await somebodyElse(person));
      const [budi, citra] = others as [typeof page, typeof page];
      const ana = page.request;
      const emails = persons.map((person) => person.email);
      const room = await createGroup(ana, 'Harvest', emails);
      await command(ana, 'room:change', { room, topic: 'Rice, beans and what the weather lets us do' });
      const say = (request: typeof ana, text: string): Promise<string> =>
        command(request, 'chat:message', { room, text });
      const rain = await say(citra.request, 'After the first rain, I would say. My neighbour has already begun.');
      await command(ana, 'chat:pin', { room, message: rain, is_on: true });
      const readings = await say(budi.request, 'I bring the readings on Friday');
      const edit = { room, message: readings };
      await command(budi.request, 'chat:edit', { ...edit, text: 'I bring the readings on Thursday' });
      await command(ana, 'chat:edit', { ...edit, text: 'Budi brings the `moisture` readings,\nafter lunch' });

      await page.goto('/rooms/new');
      await picture(page, 'new-room', true);
      await page.getByRole('textbox', { name: /^People/ }).fill('nobody@example.org');
      await page.getByRole('button', { name: 'Create' }).click();
      await expect(page.getByRole('alert')).toBeVisible();
      await picture(page, 'new-room-refused', true);

      await page.goto(`/room/${room}/details`);
      await picture(page, 'details-owner', true);
      await page.getByRole('link', { name: 'Change Budi' }).click();
      await picture(page, 'details-member-change');
      await page.getByText('Remove…').click();
      await picture(page, 'details-member-remove');
      await page.getByRole('button', { name: 'Make a link' }).click();
      await expect(page.getByRole('status')).toBeVisible();
      await picture(page, 'details-invitation');
      await page.getByRole('textbox', { name: 'Add somebody' }).fill('nobody@example.org');
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await expect(page.getByRole('alert')).toBeVisible();
      await picture(page, 'details-refused');
      await page.locator('#end summary').last().click();
      await picture(page, 'details-delete');
      await budi.goto(`/room/${room}/details`);
      await picture(budi, 'details-member', true);

      await page.goto(`/room/${room}/message/${readings}/history`);
      await picture(page, 'history');
      await command(budi.request, 'chat:delete', { room, message: readings });
      await budi.goto(`/room/${room}/message/${readings}/history`);
      await picture(budi, 'history-deleted');

      const outside = await browser.newContext({ ...options, baseURL: page.url() });
      const stranger = await outside.newPage();
      const invite = await command(ana, 'room:invite', { room, lifetime_ms: 86_400_000, uses: 1 });
      await stranger.goto(`/invite/${room}/${invite}`);
      await picture(stranger, 'invitation-signed-out');
      const eka = newPerson('Eka');
      await register(outside.request, eka);
      await stranger.goto(`/invite/${room}/${invite}`);
      await picture(stranger, 'invitation');
      const fajar = await somebodyElse(newPerson('Fajar'));
      await command(fajar.request, 'room:join', { room, invite });
      await stranger.getByRole('button', { name: 'Join' }).click();
      await picture(stranger, 'invitation-refused');
      await stranger.goto(`/invite/${room}/${invite}`);
      await picture(stranger, 'invitation-used-up');
      await stranger.goto(`/room/${room}/details`);
      await picture(stranger, 'details-nothing');
      await outside.close();

      const direct = crypto.randomUUID();
      await command(ana, 'room:create', { room: direct, kind: 'direct', with: [emails[0]] });
      await page.goto(`/room/${direct}/details`);
      await picture(page, 'details-direct', true);
      await command(ana, 'room:change', { room, is_archived: true });
      await page.goto(`/room/${room}/details`);
      await picture(page, 'details-archived');
      await chat.page.goto(`/room/${room}?date=2020-01-01`);
      await picture(page, 'room-by-date');
    });
  });
}
