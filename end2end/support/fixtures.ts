/**
 * What the specs are written with: one server and one practice model per worker; per test a proxy before the server,
 * a person, and a watch over everything the browser complains about.
 */
import { test as base, expect, type Page } from '@playwright/test';

import { FaultProxy } from '../proxy.ts';
import { Chat } from './chat.ts';
import { newPerson, type Person, register } from './people.ts';
import { Problems } from './problems.ts';
import { type Service, startServer, startSimulator } from './processes.ts';
import { Simulator } from './simulator.ts';

interface PerWorker {
  services: { server: Service; simulator: Service };
}

interface PerTest {
  simulator: Simulator;
  /** Between every page of the test and the server. */
  network: FaultProxy;
  problems: Problems;
  /** Who uses `page`. */
  person: Person;
  /** Opens the page of somebody else, in a browser of their own. */
  somebodyElse: (person: Person) => Promise<Page>;
  /** `page` with `person` signed in, at the beginning of a new conversation, alive and connected. */
  chat: Chat;
}

export const test = base.extend<PerTest, PerWorker>({
  services: [
    async ({}, use) => {
      const simulator = await startSimulator();
      const server = await startServer({
        KIMI_BASE_URL: `${simulator.url}/v1`,
        KIMI_API_KEY: 'sk-test',
        KIMI_WEB_SEARCH: '1',
      });
      await use({ server, simulator });
      await server.stop();
      await simulator.stop();
    },
    { scope: 'worker' },
  ],

  simulator: async ({ services }, use) => {
    const simulator = new Simulator(services.simulator.url);
    await use(simulator);
    await simulator.reset();
  },

  network: async ({ services }, use, testInfo) => {
    const network = await FaultProxy.start(services.server.url);
    await use(network);
    await network.stop();
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach('server.log', { body: services.server.log, contentType: 'text/plain' });
    }
  },

  baseURL: async ({ network }, use) => {
    await use(network.url);
  },

  problems: [
    async ({}, use) => {
      const problems = new Problems();
      await use(problems);
      expect(problems.list, 'what the browser complained about').toEqual([]);
    },
    { auto: true },
  ],

  context: async ({ context, problems }, use) => {
    problems.watch(context);
    await use(context);
  },

  person: async ({}, use) => {
    await use(newPerson());
  },

  somebodyElse: async ({ browser, baseURL, problems }, use) => {
    const pages: Page[] = [];
    await use(async (person) => {
      const context = await browser.newContext({ baseURL });
      problems.watch(context);
      await register(context.request, person);
      const page = await context.newPage();
      pages.push(page);
      return page;
    });
    for (const page of pages) await page.context().close();
  },

  chat: async ({ page, person }, use) => {
    await register(page.request, person);
    const chat = new Chat(page);
    await chat.open('/');
    await use(chat);
  },
});

export { expect };
