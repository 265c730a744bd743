/** The pictures of the README, which `docs/` has a copy of: people and Kimi in a room. Not a test. */
import { expect, test } from './support/fixtures.ts';
import { LOOKS } from './support/pictures.ts';
import { createGroup, messageOf, openGroup, say } from './support/rooms.ts';

const QUESTION = '@kimi The list of rooms takes 900 ms on staging. Where would you look first?';
const THINKING = 'Sorting without an index is the usual reason. I should show how to see it, and what mends it.';
const ANSWER = `The time most likely goes into sorting, because no index has the rooms in that order. \`EXPLAIN\` shows it:

| Step | Rows | Time |
|---|--:|--:|
| Seq Scan on \`members\` | 48,210 | 212 ms |
| Sort by \`active_at\` | 48,210 | **641 ms** |
| Limit | 50 | 0 ms |

An index in the order of the list lets the database stop after 50 rows:

\`\`\`sql
CREATE INDEX CONCURRENTLY members_by_activity
    ON members (user_id, active_at DESC);
\`\`\`

That turns $O(n \\log n)$ into $O(\\log n + 50)$.`;

for (const { name, isPhone, options, picture } of LOOKS) {
  if (isPhone) continue;
  test.describe(name, () => {
    test.use(options);

    test('readme', async ({ chat, page, simulator, somebodyElse }) => {
      for (const title of ['Weekend in Jakarta', 'Reading list', 'Release notes']) {
        await createGroup(page.request, title, []);
      }
      const { others } = await openGroup(chat, 'Backend', ['Budi', 'Citra'], somebodyElse);
      const [budi, citra] = others;
      // As high as the conversation.
      await page.setViewportSize({ width: 1280, height: 940 });
      await simulator.script({ match: 'takes 900 ms', thinking: THINKING, text: ANSWER, rate: 100 });
      await say(budi!, QUESTION);
      await chat.untilStatus('done');
      await say(citra!, 'That is it. I have added the index, and now it is 14 ms.');
      await messageOf(chat, 'now it is 14 ms').waitFor();
      await budi!.field.pressSequentially('Nice');
      await expect(page.getByText('Budi is typing')).toBeVisible();
      await expect(page.locator('[data-rich]')).toHaveCount(0, { timeout: 30_000 });
      await page.mouse.move(0, 0);
      await picture(page, 'readme');
    });
  });
}
