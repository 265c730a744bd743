/** Pictures of what is done with a conversation: dialogs, commands, versions, steps, languages. Not a test. */
import type { Locator } from '@playwright/test';

import { expect, test } from './support/fixtures.ts';
import { LOOKS } from './support/pictures.ts';
import { createGroup } from './support/rooms.ts';

const PACE = { rate: 400, thinking_rate: 400 };
const IMAGE = 'https://example.org/sky.jpg';

for (const { name, isPhone, options, picture } of LOOKS) {
  test.describe(name, () => {
    test.use(options);
    test.setTimeout(180_000);

    const press = (target: Locator): Promise<void> => (isPhone ? target.tap() : target.click());

    test('writing', async ({ chat, page }) => {
      await chat.field.fill('/');
      await expect(page.getByRole('listbox', { name: 'Commands' })).toBeVisible();
      await picture(page, 'commands');
      await chat.field.fill('/model ');
      await expect(page.getByRole('option').first()).toBeVisible();
      await picture(page, 'commands-models');
      await chat.field.fill('/model gpt');
      await chat.field.press('Enter');
      await expect(chat.hint).toContainText('gpt');
      await picture(page, 'commands-refused');
      await chat.field.fill('**Rain** in *Jakarta*:\n\n- a coat\n- boots\n\n```rust\nlet rain = true;\n```');
      await picture(page, 'draft');
      await press(page.getByRole('button', { name: 'Preview' }));
      await expect(page.getByRole('region', { name: 'Preview' })).toBeVisible();
      await picture(page, 'preview');
      await press(page.getByRole('button', { name: 'Write', exact: true }));
      await chat.field.fill('a'.repeat(32 * 1024 - 900));
      await expect(chat.hint).toContainText('are left');
      await picture(page, 'nearly-too-long');
    });

    test('dialogs', async ({ chat, page }) => {
      for (const title of ['Harvest', 'Holidays in Bandung', 'Irrigation of the upper fields']) {
        await createGroup(page.request, title, []);
      }
      await expect(page.locator('.room-row')).toHaveCount(3);
      await chat.field.focus();
      await page.keyboard.press('ControlOrMeta+k');
      const palette = page.getByRole('dialog', { name: 'Go to' });
      await expect(palette).toBeVisible();
      await picture(page, 'palette');
      await page.keyboard.type('h');
      await picture(page, 'palette-found');
      await page.keyboard.type('zzz');
      await expect(palette.getByRole('status')).toContainText('Nothing');
      await picture(page, 'palette-nothing');
      await page.keyboard.press('Escape');
      await chat.field.fill('/help');
      await chat.field.press('Enter');
      await expect(page.getByRole('dialog', { name: 'Keys and commands' })).toBeVisible();
      await picture(page, 'keys');
      await page.keyboard.press('Escape');

      await chat.ask('Hello');
      await chat.untilStatus('done');
      await press(page.getByTitle('Model and instructions'));
      const sheet = page.getByRole('dialog', { name: 'Model and instructions' });
      await expect(sheet.getByRole('radio', { name: /kimi-k2.6/ })).toBeVisible();
      await picture(page, 'model');
      await sheet.getByRole('radio', { name: /kimi-k2.6/ }).check();
      await sheet.getByRole('textbox', { name: /Instructions/ }).fill('Answer briefly, in English.');
      await sheet.getByRole('button', { name: 'Save' }).scrollIntoViewIfNeeded();
      await picture(page, 'model-instructions');
      await press(sheet.getByRole('button', { name: 'Save' }));
      await expect(sheet).toBeHidden();
      await picture(page, 'model-changed');
    });

    test('versions, steps, and what comes next', async ({ chat, page, simulator }) => {
      const choose = async (message: Locator, action: string): Promise<void> => {
        if (isPhone) await message.tap({ position: { x: 5, y: 5 } });
        else await message.hover();
        await press(page.getByRole('toolbar').getByRole('button', { name: action, exact: true }));
      };
      await simulator.script({ match: 'Will it rain', ...PACE, text_pieces: [], tool: '$web_search' });
      await simulator.script({ match: 'Will it rain', ...PACE, tokens: 60, gate: 'found@headers' });
      await chat.ask('Will it rain in Jakarta on Sunday?');
      await simulator.untilAt('found');
      await expect(chat.reply.locator('.working')).toContainText('web search');
      await picture(page, 'searching');
      await simulator.release('found');
      await chat.untilStatus('done');
      await press(chat.reply.locator('details.thinking summary'));
      await expect(chat.reply.locator('details.thinking').getByRole('listitem')).toBeVisible();
      await picture(page, 'searched');

      await choose(chat.said.first(), 'Edit');
      await expect(page.locator('.composer')).toContainText('begins a new version');
      await picture(page, 'resend');
      await simulator.script({ match: 'on Monday', ...PACE, no_thinking: true, tokens: 60 });
      await chat.field.fill('Will it rain in Jakarta on Monday?');
      await press(chat.send);
      await expect(page.getByRole('group', { name: 'Version 2 of 2' })).toBeVisible();
      await chat.untilStatus('done');
      await picture(page, 'versions');

      const text = `See ![the sky over Jakarta](${IMAGE}) and <https://example.org>.\n\n\`\`\`sh\n${'echo a long line; '.repeat(9)}\n\`\`\``;
      await simulator.script({ match: 'a picture', ...PACE, no_thinking: true, text });
      await chat.ask('Show me a picture');
      await chat.untilStatus('done');
      await press(chat.reply.getByRole('button', { name: 'Wrap' }));
      await picture(page, 'wrapped');

      await simulator.script({ match: 'everything', ...PACE, no_thinking: true, table: true, gate: 'middle@40' });
      await chat.ask('Tell me everything about it');
      await simulator.untilAt('middle');
      await chat.field.fill('No, only the times');
      await expect(page.getByRole('button', { name: 'Stop and send' })).toBeVisible();
      await picture(page, 'instead');
      await chat.field.press('Enter');
      await expect(chat.reply).toContainText('1 reply before it');
      await picture(page, 'next');
      await simulator.release('middle');
      await chat.untilStatus('done');

      const row = async (): Promise<void> => {
        if (isPhone) await page.locator('label.menu-button').tap();
        await chat.rooms.getByRole('link', { name: 'Will it rain' }).focus();
      };
      await row();
      await chat.rooms.getByRole('button', { name: /^Pin/ }).click();
      await expect(chat.rooms.getByText('Pinned')).toBeVisible();
      await chat.rooms.getByRole('link', { name: 'Will it rain' }).focus();
      await chat.rooms.getByRole('button', { name: /^Rename/ }).click();
      await picture(page, 'rooms-rename');
    });

    test.describe('in Indonesian', () => {
      test.use({ locale: 'id-ID' });

      test('pages', async ({ page, person, simulator }) => {
        await page.goto('/register');
        await picture(page, 'indonesian-register');
        const room = await (async () => {
          await page.getByLabel('Nama').fill(person.name);
          await page.getByLabel('Email').fill(`id-${person.email}`);
          await page.getByLabel('Kata sandi').fill(person.password);
          await press(page.getByRole('button', { name: 'Buat akun' }));
          await expect(page.locator('html')).toHaveAttribute('data-live', '');
          await picture(page, 'indonesian-empty');
          return createGroup(page.request, 'Panen', []);
        })();
        await page.goto(`/room/${room}`);
        await expect(page.locator('html')).toHaveAttribute('data-live', '');
        await simulator.script({ match: 'hujan', ...PACE, table: true });
        const field = page.getByRole('textbox', { name: 'Pesan', exact: true });
        await field.fill('@kimi kapan hujan turun?');
        await field.press('Enter');
        await expect(page.locator('article[data-status]').last()).toHaveAttribute('data-status', 'done');
        await picture(page, 'indonesian-room');
        await page.goto(`/room/${room}/details`);
        await picture(page, 'indonesian-details', true);
      });
    });
  });
}
