/** The product itself: its server, the practice model, and a room that somebody has been in for long. */
import { randomUUID } from 'node:crypto';

import { type APIRequestContext, type Browser, expect, type Page } from '@playwright/test';

import { Chat } from '../support/chat.ts';
import { newPerson, register } from '../support/people.ts';
import { type Service, startServer, startSimulator } from '../support/processes.ts';
import { Simulator } from '../support/simulator.ts';
import { measure, type Pace, type Result } from './measure.ts';

/** As many messages as a page holds at most, of however many. */
export const WINDOW = 150;
/** What a reply of 2 KB has. */
const REPLY = '/sim rate=0 no_thinking tokens=700';
/** Between two tries while the room's queue of replies is full. */
const FULL_MS = 50;
/** What the page is asked to write at last. */
const QUESTION = 'Tell me everything about it.';

/** More than 10,000 tokens of headings, lists, tables and code. */
const LONG = 'A long story /sim no_thinking tokens=24000';

export class Ours {
  private constructor(
    private readonly server: Service,
    private readonly model: Service,
    private readonly simulator: Simulator,
    private readonly text: string,
  ) {}

  static async start(): Promise<Ours> {
    const model = await startSimulator();
    const server = await startServer({
      KIMI_BASE_URL: `${model.url}/v1`,
      KIMI_API_KEY: 'sk-test',
      SITESPARK_MESSAGES_PER_MINUTE: '1000000',
    });
    const simulator = new Simulator(model.url);
    return new Ours(server, model, simulator, (await simulator.reply(LONG)).text);
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await this.model.stop();
  }

  /** Tokens of four characters, as a model's are on average. */
  tokens(count: number): string[] {
    const tokens = this.text.match(/.{1,4}/gsu)!.slice(0, count);
    if (tokens.length < count) throw new Error(`there are only ${tokens.length} tokens`);
    return tokens;
  }

  /** Questions of 2 KB each, and what is answered to them. */
  async history(count: number): Promise<string[]> {
    // Four parts in a row have a table, code, a list and a paragraph.
    const parts = this.text.split(/\n(?=# Part )/).slice(1, -1);
    const questions = Array.from({ length: count / 2 }, (_, index) => {
      const chosen = Array.from({ length: 6 }, (_, part) => parts[(index * 6 + part) % parts.length]!);
      return `${index}. ${chosen.join('\n')}\n${REPLY}`;
    });
    const texts = [];
    for (const question of questions) texts.push(question, (await this.simulator.reply(question)).text);
    return texts;
  }

  async #fill(request: APIRequestContext, room: string, history: string[]): Promise<void> {
    const post = async (type: string, payload: object): Promise<boolean> => {
      const response = await request.post('/api/commands', { data: { type, id: randomUUID(), payload } });
      const answer = (await response.json()) as { type: string; payload?: { code?: string } };
      if (answer.type !== 'ack' && answer.payload?.code !== 'limit_reached') throw new Error(JSON.stringify(answer));
      return answer.type === 'ack';
    };
    await post('room:create', { room, title: 'A long conversation' });
    for (const question of history.filter((_, index) => index % 2 === 0)) {
      while (!(await post('chat:message', { room, text: question }))) {
        await new Promise((resolve) => setTimeout(resolve, FULL_MS));
      }
    }
  }

  async measure(browser: Browser, history: string[], tokens: string[], pace: Pace): Promise<Result> {
    const context = await browser.newContext({ baseURL: this.server.url });
    await register(context.request, newPerson());
    const room = randomUUID();
    await this.#fill(context.request, room, history);
    const page = await context.newPage();
    const chat = new Chat(page);
    await chat.open(`/room/${room}`);
    await chat.untilStatus('done');
    await holdMost(page);
    await this.simulator.reset();
    await this.simulator.script({ match: QUESTION, text_pieces: tokens, rate: pace.rate, no_thinking: true });
    await chat.field.fill(QUESTION);
    const result = await measure(
      page,
      tokens.length,
      pace,
      // The field has the focus. Finding it again would run code of the test's own on the page: a task of 130 ms.
      () => page.keyboard.press('Enter'),
      async () => (await this.simulator.calls(QUESTION))[0]?.text_tokens ?? 0,
    );
    await chat.untilStatus('done');
    await context.close();
    return result;
  }
}

/** Scrolls up until the page holds as many messages as it ever does, and down to the end. */
async function holdMost(page: Page): Promise<void> {
  const messages = page.locator('article[data-message]');
  const toEnd = page.getByRole('button', { name: /^Jump to the latest message/ });
  const scroll = (place: number): Promise<void> =>
    page.locator('.messages').evaluate((scroller, place) => scroller.scrollTo(0, scroller.scrollHeight * place), place);
  await expect(async () => {
    await scroll(0);
    expect(await messages.count()).toBe(WINDOW);
  }).toPass();
  await expect(async () => {
    await scroll(1);
    await expect(toEnd).toBeHidden({ timeout: 500 });
  }).toPass();
  // What the server draws better is there, too.
  await expect(page.locator('[data-rich]')).toHaveCount(0, { timeout: 60_000 });
}
