/** What was measured, as a table of medians with their spread, and beside the goals. */
import type { Result } from './measure.ts';

export interface Row {
  name: string;
  /** How many times slower the processor was made. */
  throttle: number;
  /** Finished messages on the page. */
  held: number;
  /** What is different from the others. */
  note: string;
  results: Result[];
}

/** Milliseconds of a task that a reader notices. */
const LONG_TASK_MS = 50;
/** Two frames at 60 Hz, in whole milliseconds. */
const MOST_FRAME_MS = 33;
/** How much more the last tokens may take than the first. */
const MOST_GROWTH = 1.2;
/** What a token may take beside what it takes the peer. */
const MOST_BESIDE: Record<string, number> = { 'streaming-markdown': 1.3, streamdown: 1 / 2, 'react-markdown': 1 / 5 };
/** From this share of its time on, a main thread has none left. */
const FULL = 0.9;
/** Above this share of the processors, others disturb what is measured. */
const QUIET = 0.25;

function format(value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 1 : 0);
}

function middleOf(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

function median(row: Row, read: (result: Result) => number): number {
  return middleOf(row.results.map(read));
}

function spread(row: Row, read: (result: Result) => number): string {
  const values = row.results.map(read);
  const middle = format(middleOf(values));
  return values.length === 1 ? middle : `${middle} (${format(Math.min(...values))} to ${format(Math.max(...values))})`;
}

const growth = (result: Result): number => result.end / result.start;

export function label({ name, throttle, note }: Row): string {
  return `${name}${note}${throttle === 1 ? '' : ` at 1/${throttle}`}`;
}

type Column = [name: string, cell: (row: Row) => string];

function columns(tokens: number): Column[] {
  const per1000 = (read: (result: Result) => number): ((row: Row) => string) => {
    return (row) => format((median(row, read) / tokens) * 1_000);
  };
  return [
    ['', label],
    ['messages', (row) => String(row.held)],
    ['ms', (row) => spread(row, ({ work }) => (work.all / tokens) * 1_000)],
    ['start', (row) => format(median(row, ({ start }) => start))],
    ['middle', (row) => format(median(row, ({ middle }) => middle))],
    ['end', (row) => format(median(row, ({ end }) => end))],
    ['end/start', (row) => median(row, growth).toFixed(2)],
    ['script', per1000(({ work }) => work.script)],
    ['style', per1000(({ work }) => work.style)],
    ['layout', per1000(({ work }) => work.layout)],
    ['rest', per1000(({ work }) => work.all - work.script - work.style - work.layout)],
    ['idle', (row) => format(median(row, ({ idle }) => idle))],
    ['tasks over 50 ms', (row) => spread(row, ({ longTasks }) => longTasks)],
    ['longest', (row) => format(median(row, ({ longestTask }) => longestTask))],
    ['frames p50', (row) => format(median(row, ({ frameMedian }) => frameMedian))],
    ['p95', (row) => spread(row, ({ frame95 }) => frame95)],
    ['JS heap, MB', (row) => format(median(row, ({ heap }) => heap))],
    ['nodes', (row) => format(median(row, ({ nodes }) => nodes))],
    ['busy', (row) => `${format(Math.max(...row.results.map(({ load }) => load)) * 100)} %`],
  ];
}

export function table(rows: Row[], tokens: number): string {
  const cells = columns(tokens).map(([name, cell]) => [name, ...rows.map(cell)]);
  const widths = cells.map((column) => Math.max(...column.map((cell) => cell.length)));
  const line = (index: number): string =>
    cells.map((column, at) => (at === 0 ? column[index]!.padEnd(widths[at]!) : column[index]!.padStart(widths[at]!))).join('  ');
  return [0, ...rows.map((_, index) => index + 1)].map(line).join('\n');
}

function say(isMet: boolean, goal: string, seen: string): string {
  return `${isMet ? 'met   ' : 'MISSED'}  ${goal}: ${seen}`;
}

/** One line per goal of ours alone: whether it is met, and by how much. */
export function goals(ours: Row): string[] {
  const tasks = median(ours, ({ longTasks }) => longTasks);
  const longest = Math.max(...ours.results.map(({ longestTask }) => longestTask));
  const frame = median(ours, ({ frame95 }) => frame95);
  const grown = median(ours, growth);
  return [
    say(tasks === 0, `no task over ${LONG_TASK_MS} ms`, `${spread(ours, ({ longTasks }) => longTasks)}, the longest of ${format(longest)} ms`),
    say(Math.round(frame) <= MOST_FRAME_MS, `95 % of frames within ${MOST_FRAME_MS} ms`, `${spread(ours, ({ frame95 }) => frame95)} ms`),
    say(grown <= MOST_GROWTH, `the last tokens take at most ${MOST_GROWTH} times what the first do`, `${grown.toFixed(2)} times`),
  ];
}

/** One line per goal beside others, likewise. `full` is all that the main thread has per 1,000 tokens. */
export function comparisons(ours: Row, rows: Row[], full: number): string[] {
  const all = (result: Result): number => result.work.all;
  return rows
    .filter(({ name }) => name in MOST_BESIDE)
    .map((row) => {
      const most = MOST_BESIDE[row.name]!;
      const times = median(ours, all) / median(row, all);
      const goal = `at most ${most.toFixed(2)} times ${row.name} with ${row.held} messages${row.note}`;
      const isFull = median(row, ({ end }) => end) > FULL * full;
      const note = isFull ? '; its main thread is full, so it draws less often than it is told of something' : '';
      return say(times <= most, goal, `${times.toFixed(2)} times${note}`);
    });
}

/** A warning, or nothing. */
export function disturbed(rows: Row[]): string {
  const loads = rows.flatMap(({ results }) => results.map(({ load }) => load));
  const busy = loads.filter((load) => load > QUIET).length;
  return busy === 0 ? '' : `Before ${busy} of ${loads.length} measurements others kept more than ${QUIET * 100} % of the machine busy: repeat it when it is quiet.`;
}
