/** A peer from npm on a page of its own, as `npm run build` of this folder has made it. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Browser } from '@playwright/test';

import { measure, type Pace, type Result } from './measure.ts';

const BUILT = fileURLToPath(new URL('../../target/render', import.meta.url));
const ADDRESS = 'http://peer.test/';

export const PEERS = ['plain-text', 'streaming-markdown', 'streamdown', 'react-markdown', 'marked'] as const;
export type Peer = (typeof PEERS)[number];

declare global {
  interface Window {
    written: number;
    show: (texts: string[]) => void;
    stream: (tokens: string[], rate: number, pieceMs: number) => Promise<void>;
  }
}

export interface Feeding {
  history: string[];
  tokens: string[];
  pace: Pace;
  /** Tokens come together in pieces of so many milliseconds; 0: whatever is due at a frame. */
  pieceMs: number;
  /** Messages are contained as on our page (`style/messages.css`). */
  isContained: boolean;
}

const html = (peer: Peer): string => `<!doctype html><html lang="en"><meta charset="utf-8"><title>${peer}</title>
<link rel="stylesheet" href="${peer}.css"><body><script type="module" src="${peer}.js"></script></body></html>`;

export async function measurePeer(browser: Browser, peer: Peer, feeding: Feeding): Promise<Result> {
  const { history, tokens, pace, pieceMs, isContained } = feeding;
  const context = await browser.newContext();
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.route(`${ADDRESS}**`, (route) => {
    const { pathname } = new URL(route.request().url());
    return pathname === '/'
      ? route.fulfill({ contentType: 'text/html', body: html(peer) })
      : route.fulfill({ path: path.join(BUILT, pathname) });
  });
  await page.goto(ADDRESS);
  await page.waitForFunction(() => 'show' in window);
  if (isContained) await page.evaluate(() => document.body.classList.add('contained'));
  await page.evaluate((texts) => window.show(texts), history);
  // Handed over before anything is measured.
  const begin = await page.evaluateHandle(
    ([tokens, rate, pieceMs]) => () => void window.stream(tokens, rate, pieceMs),
    [tokens, pace.rate, pieceMs] as const,
  );
  const result = await measure(
    page,
    tokens.length,
    pace,
    () => begin.evaluate((begin) => begin()),
    () => page.evaluate(() => window.written),
  );
  const shown = await page.evaluate(() => [...document.querySelectorAll('article')].map((each) => each.innerText.length));
  const last = shown.at(-1) ?? 0;
  if (errors.length > 0 || shown.length !== history.length + 1 || last < tokens.join('').length / 2) {
    throw new Error(`${peer} shows ${shown.length} messages, the last of ${last} characters. ${errors.join('; ')}`);
  }
  await context.close();
  return result;
}
