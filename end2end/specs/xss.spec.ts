/** No script gets into a page, whatever is said, named, or answered by the model (`support/attacks.ts`). */
import type { Page } from '@playwright/test';

import { Chat } from '../support/chat.ts';
import { ATTACKS, LINES, MESSAGES } from '../support/attacks.ts';
import { expect, test } from '../support/fixtures.ts';
import { newPerson } from '../support/people.ts';
import { command, createGroup } from '../support/rooms.ts';

/** Commands that one user may send in a minute are 100; so the messages are said by several. */
const PEOPLE = 4;

/** What may be in a message: what Markdown, highlighted code and formulas are made of. */
const ELEMENTS = `a annotation b blockquote br button code del div em figcaption figure h3 h4 h5 h6 hr i input li menclose
  math mfrac mi mn mo mover mroot mrow mspace msqrt msub msubsup msup mtable mtd mtext mtr munder munderover ol p
  pre semantics span strong sup table tbody td th thead tr ul`.split(/\s+/);

interface Watched {
  /** What ran or was loaded, from all pages since they are watched. */
  happened: string[];
  /** Elements, attributes and addresses of the page that only an attack can have brought in. */
  foreign: () => Promise<string[]>;
}

/** To be called before the page goes anywhere. */
async function watch(page: Page): Promise<Watched> {
  const happened: string[] = [];
  await page.exposeFunction('attackRan', (what: string) => happened.push(what));
  await page.addInitScript(() => {
    const ran = (what: string): void => (window as unknown as { attackRan: (what: string) => void }).attackRan(what);
    for (const name of ['alert', 'confirm', 'prompt', 'print', 'open', 'msgbox', 'execScript']) {
      Object.defineProperty(window, name, { value: () => ran(name) });
    }
    // What tests the page evaluates its own code with it.
    const evaluate = window.eval;
    window.eval = (code: string) => (/alert\(1\)/.test(code) ? ran('eval') : evaluate(code)) as unknown;
    addEventListener('error', (event) => ran(`error at ${event.target === window ? 'the page' : String(event.target)}`), true);
    addEventListener('securitypolicyviolation', (event) => ran(`violation: ${event.violatedDirective} ${event.blockedURI}`));
  });
  page.on('dialog', (dialog) => {
    happened.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('popup', (popup) => happened.push(`popup: ${popup.url()}`));
  const own = /^\/($|pkg\/|api\/|ws$|favicon|room\/[0-9a-f-]{36}|rooms\/new|invite\/|account\/|sign-in|register)/;
  page.on('request', (request) => {
    const { hostname, pathname } = new URL(request.url());
    if (hostname !== '127.0.0.1' || !own.test(pathname)) happened.push(`request: ${request.url()}`);
  });
  const foreign = (): Promise<string[]> =>
    page.evaluate((elements) => {
      const found: string[] = [];
      const inTexts = document.querySelectorAll(':is(.text, .bubble) *');
      for (const element of inTexts) {
        const name = element.localName;
        if (!elements.includes(name) && !(name === 'p' && element.className === 'plain')) found.push(`<${name}>`);
        if (element.id !== '' && !element.id.startsWith('fn-')) found.push(`id=${element.id}`);
        if (element.hasAttribute('name')) found.push(`name=${element.getAttribute('name')}`);
      }
      const addresses = ['href', 'src', 'action', 'formaction', 'xlink:href', 'data', 'poster', 'background', 'srcset'];
      for (const element of document.querySelectorAll('*')) {
        for (const { name, value } of element.attributes) {
          if (name.startsWith('on') || name === 'srcdoc') found.push(`${name}=${value}`);
          if (name === 'style' && /url|expression|import|behavior/i.test(value)) found.push(`${name}=${value}`);
          if (!addresses.includes(name)) continue;
          const { protocol, origin } = new URL(value, location.href);
          const isLink = element.localName === 'a';
          const isKnown = isLink ? ['http:', 'https:', 'mailto:'].includes(protocol) : origin === location.origin;
          if (!isKnown) found.push(`<${element.localName} ${name}=${value}>`);
        }
      }
      // Those of the page itself, which start it and have its data.
      const scripts = Array.from(document.scripts, (script) => script.type || script.src || script.id);
      if (scripts.length > 4) found.push(`scripts: ${scripts.join()}`);
      for (const element of document.querySelectorAll('body :is(iframe, object, embed, base, style, meta, link, template)')) {
        found.push(`<${element.localName}> in the body`);
      }
      return found;
    }, ELEMENTS);
  return { happened, foreign };
}

/** Everything that may settle has. */
async function settled(page: Page): Promise<void> {
  await expect(page.locator('[data-rich]:not([data-asked])')).toHaveCount(0, { timeout: 40_000 });
  await page.evaluate(() => new Promise((done) => setTimeout(done, 100)));
}

async function expectSafe(watched: Watched): Promise<void> {
  expect(await watched.foreign()).toEqual([]);
  expect(watched.happened).toEqual([]);
}

/** As it has come, and as the server draws it. */
async function expectSafeTwice(chat: Chat, watched: Watched): Promise<void> {
  await settled(chat.page);
  await expectSafe(watched);
  await chat.page.reload();
  await chat.untilLive();
  await settled(chat.page);
  await expectSafe(watched);
}

test('there are enough attacks', () => {
  expect(new Set(ATTACKS).size).toBeGreaterThanOrEqual(200);
  expect(MESSAGES.length).toBeGreaterThanOrEqual(300);
});

test('an attack that works is seen', async ({ problems, somebodyElse }) => {
  problems.allow(/Failed to load resource/);
  const page = await somebodyElse(newPerson());
  const watched = await watch(page);
  await page.goto('/');
  await expectSafe(watched);
  const attack = '<img src=x onerror=alert(1)><a href="javascript:alert(1)">x</a><iframe>';
  await page.evaluate((html) => document.body.insertAdjacentHTML('beforeend', html), attack);
  await expect.poll(() => watched.happened).toContain('alert');
  const found = (await watched.foreign()).join();
  for (const part of ['onerror=alert(1)', '<a href=javascript:', '<iframe> in the body']) expect(found).toContain(part);
});

test('what people say is text, as it comes and on every load', async ({ somebodyElse }) => {
  const size = Math.ceil(MESSAGES.length / PEOPLE);
  const all = async (index: number): Promise<void> => {
    const page = await somebodyElse(newPerson(`Person ${index}`));
    const watched = await watch(page);
    const room = await createGroup(page.request, 'Attacks', []);
    const chat = new Chat(page);
    await chat.open(`/room/${room}`);
    const messages = MESSAGES.slice(index * size, (index + 1) * size);
    for (const text of messages) await command(page.request, 'chat:message', { room, text });
    await expect(page.locator('article[data-message]')).toHaveCount(messages.length);
    await expectSafeTwice(chat, watched);
  };
  await Promise.all(Array.from({ length: PEOPLE }, (_, index) => all(index)));
});

test('what the model says and thinks is text, in whatever pieces it comes', async ({ somebodyElse, simulator }) => {
  const page = await somebodyElse(newPerson());
  const watched = await watch(page);
  const chat = new Chat(page);
  await chat.open('/');
  const text = MESSAGES.filter((message) => !message.includes('\n')).join('\n\n');
  const pieces = text.match(/[\s\S]{1,9}/gu) ?? [];
  await simulator.script({ match: 'as a whole', text, thinking: text, rate: 0 });
  await chat.ask('Attack as a whole');
  await chat.untilStatus('done');
  await settled(page);
  await expectSafe(watched);
  await simulator.script({ match: 'in pieces', text_pieces: pieces, thinking_pieces: pieces.slice(0, 300), rate: 2_000, thinking_rate: 2_000 });
  await chat.ask('Attack in pieces');
  await chat.untilStatus('done');
  await expectSafeTwice(chat, watched);
});

test('a name, a title or a topic is text on every page that shows it', async ({ somebodyElse }) => {
  const nasty = LINES.filter((line) => line.length <= 60);
  const ana = await somebodyElse(newPerson(nasty[0]));
  const budi = newPerson(nasty[5]);
  const other = await somebodyElse(budi);
  const [watched, others] = [await watch(ana), await watch(other)];
  const room = await createGroup(ana.request, nasty[1] as string, [budi.email]);
  const chat = new Chat(ana);
  await chat.open(`/room/${room}`);
  for (const [index, line] of LINES.entries()) {
    // Several kinds of commands, each with a limit of its own.
    if (index % 2 === 0) await command(ana.request, 'room:rename', { room, title: line });
    else await command(ana.request, 'room:change', { room, topic: line });
    await expect(chat.page.locator('body')).toContainText(line.trim());
    await expectSafe(watched);
  }
  const said = await command(ana.request, 'chat:message', { room, text: LINES[0] });
  await command(other.request, 'chat:react', { room, message: said, emoji: '👍', is_on: true });
  await command(ana.request, 'chat:pin', { room, message: said, is_on: true });
  await command(other.request, 'chat:message', { room, text: LINES[9], reply_to: said });
  await command(ana.request, 'chat:edit', { room, message: said, text: `${LINES[2]}\n\n${LINES[3]}` });
  const invite = await command(ana.request, 'room:invite', { room, role: 'member', uses: 5 });
  const pages = [`/room/${room}`, `/room/${room}/details`, `/room/${room}/message/${said}/history`, '/', '/rooms/new'];
  for (const address of pages) {
    await ana.goto(address);
    await expectSafe(watched);
    await other.goto(address);
    await expectSafe(others);
  }
  const third = await somebodyElse(newPerson(nasty[8]));
  const invited = await watch(third);
  await third.goto(`/invite/${room}/${invite}`);
  await expect(third.locator('body')).toContainText('alert(1)');
  await expectSafe(invited);
  // An address is not told back as markup.
  const attack = encodeURIComponent('"><script>alert(1)</script>');
  await ana.goto(`/room/${room}?message=${attack}`);
  await expectSafe(watched);
  await third.context().clearCookies();
  for (const address of [`/sign-in?next=${attack}`, `/register?next=javascript:alert(1)`]) {
    await third.goto(address);
    await expectSafe(invited);
  }
  // The data of a page are data.
  for (const address of ['/api/page', `/api/room?room=${room}`]) {
    const answer = await ana.request.get(address);
    expect(answer.headers()['content-type']).toContain('application/json');
    expect(answer.headers()['x-content-type-options']).toBe('nosniff');
  }
});
