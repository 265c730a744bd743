/**
 * What a page costs while a reply is written on it: time of the main thread by the DevTools protocol, its tasks and
 * frames by the page's own observers, and in the end its memory and elements.
 */
import os from 'node:os';

import type { CDPSession, Page } from '@playwright/test';

/** Between two readings of the counters. */
const SAMPLE_MS = 500;
/** How many times as long as it should take a reply may take. */
const PATIENCE = 3;
/** After the last token, so that what was put off until later counts, too. */
const SETTLE_MS = 1_000;
/** How long a look at the machine's own load takes. */
const LOAD_MS = 1_000;

/** Milliseconds of the main thread's processor time. */
export interface Work {
  all: number;
  script: number;
  style: number;
  layout: number;
}

/** How a reply comes, and to whom. */
export interface Pace {
  /** Tokens per second. */
  rate: number;
  /** How many times slower the processor is made; 1: not at all. */
  throttle: number;
}

export interface Result {
  work: Work;
  /** All of it per 1,000 tokens, in the first fifth of the tokens, the middle one, and the last. */
  start: number;
  middle: number;
  end: number;
  /** Tasks over 50 ms, and the longest of them; 0 when there is none. */
  longTasks: number;
  longestTask: number;
  /** Milliseconds from frame to frame. */
  frameMedian: number;
  frame95: number;
  /** JS heap, without the memory of WASM, in MB. */
  heap: number;
  nodes: number;
  /** Milliseconds that a page without news takes in the time of 1,000 tokens. */
  idle: number;
  /** How busy others kept the machine right before: 0 to 1. */
  load: number;
}

interface Seen {
  frames: number[];
  tasks: number[];
}

declare global {
  interface Window {
    seen?: Seen;
  }
}

/** How busy the machine is by itself. */
async function machineLoad(): Promise<number> {
  const times = (): { idle: number; all: number } => {
    const sum = { idle: 0, all: 0 };
    for (const { times } of os.cpus()) {
      sum.idle += times.idle;
      sum.all += Object.values(times).reduce((all, time) => all + time, 0);
    }
    return sum;
  };
  const before = times();
  await new Promise((resolve) => setTimeout(resolve, LOAD_MS));
  const after = times();
  return 1 - (after.idle - before.idle) / Math.max(1, after.all - before.all);
}

async function work(session: CDPSession): Promise<Work> {
  const { metrics } = await session.send('Performance.getMetrics');
  const read = (name: string): number => (metrics.find((metric) => metric.name === name)?.value ?? Number.NaN) * 1_000;
  return {
    all: read('TaskDuration'),
    script: read('ScriptDuration'),
    style: read('RecalcStyleDuration'),
    layout: read('LayoutDuration'),
  };
}

function observe(): void {
  const seen: Seen = { frames: [], tasks: [] };
  window.seen = seen;
  new PerformanceObserver((list) => seen.tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({
    type: 'longtask',
  });
  let before = performance.now();
  const frame = (now: number): void => {
    seen.frames.push(now - before);
    before = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** What was spent when so many tokens were there, by the readings before and after. */
function spentAt(samples: { tokens: number; all: number }[], tokens: number): number {
  const index = samples.findIndex((sample) => sample.tokens >= tokens);
  const [before, after] = [samples[Math.max(0, index - 1)]!, samples.at(index)!];
  const share = after.tokens > before.tokens ? (tokens - before.tokens) / (after.tokens - before.tokens) : 0;
  return before.all + share * (after.all - before.all);
}

/**
 * Measures from `begin`, which starts the reply of so many tokens, until all of them were `written` and the page had
 * time to settle. The page must be loaded and quiet.
 */
export async function measure(
  page: Page,
  tokens: number,
  { rate, throttle }: Pace,
  begin: () => Promise<void>,
  written: () => Promise<number>,
): Promise<Result> {
  const load = await machineLoad();
  const session = await page.context().newCDPSession(page);
  // Time that the thread has really run, whatever else the machine does.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  await session.send('Emulation.setCPUThrottlingRate', { rate: throttle });
  await page.evaluate(observe);

  const quiet = await work(session);
  await page.waitForTimeout(SETTLE_MS);
  const before = await work(session);
  const idle = (((before.all - quiet.all) / SETTLE_MS) * 1_000 * 1_000) / rate;

  await page.evaluate(() => {
    window.seen!.frames.length = 0;
    window.seen!.tasks.length = 0;
  });
  await begin();
  const samples = [{ tokens: 0, all: before.all }];
  const began = performance.now();
  for (let count = 0; count < tokens; ) {
    if (performance.now() - began > (PATIENCE * tokens * 1_000) / rate) throw new Error(`only ${count} tokens came`);
    await page.waitForTimeout(SAMPLE_MS);
    count = await written();
    samples.push({ tokens: count, all: (await work(session)).all });
  }
  // The frames of a page that has nothing to do any more are left out.
  const frames = await page.evaluate(() => [...window.seen!.frames]);
  await page.waitForTimeout(SETTLE_MS);
  const after = await work(session);
  const { tasks } = await page.evaluate(() => window.seen!);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();

  const per1000 = (from: number, to: number): number =>
    ((spentAt(samples, tokens * to) - spentAt(samples, tokens * from)) / (tokens * (to - from))) * 1_000;
  return {
    work: {
      all: after.all - before.all,
      script: after.script - before.script,
      style: after.style - before.style,
      layout: after.layout - before.layout,
    },
    start: per1000(0, 0.2),
    middle: per1000(0.4, 0.6),
    end: per1000(0.8, 1),
    longTasks: tasks.length,
    longestTask: Math.max(0, ...tasks),
    frameMedian: quantile(frames, 0.5),
    frame95: quantile(frames, 0.95),
    heap: usedSize / 1024 / 1024,
    nodes: await page.evaluate(() => document.querySelectorAll('*').length),
    idle,
    load,
  };
}
