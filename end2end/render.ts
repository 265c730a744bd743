/**
 * What it costs a browser to show a long reply while it is written, below a long history, beside the same done by
 * others from npm. It is for reading: nothing fails but what does not show the reply. `SHORT=1` is a quick look.
 */
import { test } from '@playwright/test';

import { Ours, WINDOW } from './render/ours.ts';
import { measurePeer, type Peer, PEERS } from './render/peer.ts';
import { comparisons, disturbed, goals, label, type Row, table } from './render/report.ts';

const IS_SHORT = Boolean(process.env.SHORT);
const TOKENS = IS_SHORT ? 2_000 : 10_000;
const RATE = 200;
/** Milliseconds that 1,000 tokens take to come. */
const FULL_MS = (1_000 / RATE) * 1_000;
const HISTORY = 500;
/** A phone of the middle class beside a desktop. */
const PHONE = 4;
/** Where the others still draw as often as they are told of something: what they cost, and not what the thread has. */
const DESKTOP = 1;
/** How the server paces what it tells a page. */
const PIECE_MS = 40;
/** Medians are of more than one where the goal is near. */
const REPEATS: Record<Peer, number> = {
  'streaming-markdown': 3,
  streamdown: 2,
  'plain-text': 1,
  'react-markdown': 1,
  marked: 1,
};

interface Setup {
  throttle: number;
  history: number;
  pieceMs: number;
  isContained: boolean;
  note: string;
  peers: readonly Peer[];
  /** At most. */
  repeats: number;
}

const SETUPS: Setup[] = [
  { throttle: PHONE, history: HISTORY, pieceMs: 0, isContained: true, note: '', peers: PEERS, repeats: 3 },
  { throttle: PHONE, history: WINDOW, pieceMs: 0, isContained: true, note: '', peers: PEERS, repeats: 3 },
  {
    throttle: PHONE,
    history: WINDOW,
    pieceMs: PIECE_MS,
    isContained: true,
    note: ` every ${PIECE_MS} ms`,
    peers: ['plain-text', 'streaming-markdown'],
    repeats: 2,
  },
  {
    throttle: PHONE,
    history: HISTORY,
    pieceMs: 0,
    isContained: false,
    note: ' uncontained',
    peers: ['streaming-markdown'],
    repeats: 1,
  },
  { throttle: DESKTOP, history: HISTORY, pieceMs: 0, isContained: true, note: '', peers: PEERS, repeats: 1 },
];
/** Of ours, by how much slower the processor is. */
const OURS_REPEATS = new Map([
  [PHONE, 3],
  [DESKTOP, 1],
]);
const ROUNDS = IS_SHORT ? 1 : 3;

interface Job {
  row: Row;
  repeats: number;
  measure: () => Promise<Row['results'][number]>;
}

test('a long reply below a long history', async ({ browser }) => {
  const ours = await Ours.start();
  const tokens = ours.tokens(TOKENS);
  const history = await ours.history(HISTORY);
  const ourJobs: Job[] = [...OURS_REPEATS].map(([throttle, repeats]) => ({
    row: { name: 'SiteSpark', throttle, held: WINDOW, note: '', results: [] },
    repeats,
    measure: () => ours.measure(browser, history, tokens, { rate: RATE, throttle }),
  }));
  const peerJobs: Job[] = SETUPS.flatMap(({ throttle, history: held, note, peers, repeats, ...setup }) =>
    peers.map((peer) => ({
      row: { name: peer, throttle, held, note, results: [] },
      repeats: Math.min(repeats, REPEATS[peer]),
      measure: () =>
        measurePeer(browser, peer, { ...setup, history: history.slice(-held), tokens, pace: { rate: RATE, throttle } }),
    })),
  );
  const jobs = [...ourJobs, ...peerJobs];
  // Round by round, so that whatever else the machine does meets all of them.
  for (let round = 0; round < ROUNDS; round++) {
    for (const { row, measure } of jobs.filter(({ repeats }) => repeats > round)) {
      const began = performance.now();
      const result = await measure();
      row.results.push(result);
      const seconds = ((performance.now() - began) / 1_000).toFixed(0);
      const spent = (result.work.all / 1_000).toFixed(1);
      console.log(`${label(row)}, ${row.held} messages: ${spent} s of the main thread (in ${seconds} s)`);
    }
  }
  await ours.stop();

  const rows = jobs.map(({ row }) => row);
  const ofSpeed = (speed: number): [Row, Row[]] => [
    ourJobs.find(({ row }) => row.throttle === speed)!.row,
    peerJobs.map(({ row }) => row).filter(({ throttle }) => throttle === speed),
  ];
  console.log(`
${TOKENS} tokens of 4 characters at ${RATE} per second below ${HISTORY} messages of 2 KB; at 1/${PHONE} the processor is ${PHONE} times slower.

${table(rows, TOKENS)}

Milliseconds are the main thread's, per 1,000 tokens; at ${RATE} tokens per second it is full at ${FULL_MS}. Medians, in
parentheses the least and the most. Ours pays for its server and connection, too; its page holds at most ${WINDOW} messages
and is told what is new every ${PIECE_MS} ms. The others are fed by a timer of their page, before every frame if nothing else is
said, and have our page's containment of messages. "idle" is a page without news in the time of 1,000 tokens, and what
watches its frames. JS heap is without the memory of WASM. "busy" is the share of the processors that others used before.

With a processor ${PHONE} times slower:
${[...goals(ofSpeed(PHONE)[0]), ...comparisons(...ofSpeed(PHONE), FULL_MS)].join('\n')}

With the whole processor:
${comparisons(...ofSpeed(DESKTOP), FULL_MS).join('\n')}
${disturbed(rows)}`);
});
