/** Tools that Kimi uses while it answers: said while it does, and kept as steps. */
import { expect, test } from '../support/fixtures.ts';
import { storedReply } from '../support/conversation.ts';

test('a search is said while it goes on, and stays as a step of the thinking', async ({ chat, page, simulator }) => {
  const quick = { rate: 0, thinking_rate: 0, tokens: 5, thinking_tokens: 5 };
  await simulator.script({ ...quick, match: 'Will it rain', text_pieces: [], tool: '$web_search' });
  await simulator.script({ ...quick, match: 'Will it rain', gate: 'found@headers' });
  await chat.ask('Will it rain?');
  await simulator.untilAt('found');
  const thinking = chat.reply.locator('details.thinking');
  await expect(chat.reply.locator('.working')).toContainText('Kimi is using web search');
  await expect(thinking).toHaveAttribute('open', '');
  await expect(thinking.getByRole('listitem')).toHaveText('Kimi is using web search');

  await simulator.release('found');
  await chat.untilStatus('done');
  await expect(thinking).not.toHaveAttribute('open');
  expect((await storedReply(page)).run).toMatchObject({ steps: ['$web_search'] });
  await thinking.locator('summary').click();
  await expect(thinking.getByRole('listitem')).toHaveText('Kimi used web search');
  // Whoever opens it finds it open from then on.
  await page.reload();
  await chat.untilLive();
  await expect(thinking.getByRole('listitem')).toHaveText('Kimi used web search');
});
