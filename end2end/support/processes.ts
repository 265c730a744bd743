/** The product's processes, as somebody else would start them: the release binary, flags and environment. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BINARY = process.env.SITESPARK_BINARY ?? path.join(ROOT, 'target/release/sitespark');
const SITE = process.env.LEPTOS_SITE_ROOT ?? path.join(ROOT, 'target/site');
/** A start takes well under a second; a machine that is busy gets more. */
const START_WITHIN_MS = 20_000;
/** A server that is told to end lets its connections go one after the other. */
const END_WITHIN_MS = 20_000;
/** Lines of the logs that are kept for a failed test. */
const KEPT_LINES = 400;

const children = new Set<ChildProcess>();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Nothing of the environment that configures the product, whatever the developer has set. */
function environment(variables: Record<string, string>): NodeJS.ProcessEnv {
  const isOurs = (name: string): boolean => /^(SITESPARK|KIMI|LEPTOS)_|^(PORT|RUST_LOG)$/.test(name);
  const inherited = Object.entries(process.env).filter(([name]) => !isOurs(name));
  return { ...Object.fromEntries(inherited), LEPTOS_SITE_ROOT: SITE, ...variables };
}

function launch(args: string[], variables: Record<string, string>, cwd: string): ChildProcess {
  const child = spawn(BINARY, args, { cwd, env: environment(variables), stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Runs the binary until it ends by itself. */
export async function runToEnd(args: string[], variables: Record<string, string> = {}): Promise<Result> {
  const child = launch(args, variables, os.tmpdir());
  const result: Result = { code: null, stdout: '', stderr: '' };
  child.stdout?.on('data', (data) => (result.stdout += String(data)));
  child.stderr?.on('data', (data) => (result.stderr += String(data)));
  result.code = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`\`sitespark ${args.join(' ')}\` did not end: ${result.stdout}${result.stderr}`));
    }, START_WITHIN_MS);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
  return result;
}

/** A process that serves until it is told to stop. */
export class Service {
  readonly #lines: string[] = [];

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  url = '';

  /** The newest lines of its output. */
  get log(): string {
    return this.#lines.join('\n');
  }

  static async start(args: string[], variables: Record<string, string>, address: RegExp): Promise<Service> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'sitespark-'));
    const child = launch(args, { SITESPARK_DATA: path.join(folder, 'data'), ...variables }, folder);
    const service = new Service(child, folder);
    service.url = await service.#follow(address);
    return service;
  }

  #follow(address: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => reject(new Error(`${BINARY}: ${reason}\n${this.log}`));
      const timer = setTimeout(() => fail('did not say where it listens'), START_WITHIN_MS);
      for (const stream of [this.child.stdout, this.child.stderr]) {
        let rest = '';
        stream?.on('data', (data) => {
          const lines = (rest + String(data)).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) {
            this.#lines.push(line);
            if (this.#lines.length > KEPT_LINES) this.#lines.shift();
            const url = address.exec(line)?.[1];
            if (url !== undefined) {
              clearTimeout(timer);
              resolve(url);
            }
          }
        });
      }
      this.child.once('error', (error) => fail(error.message));
      this.child.once('exit', (code) => fail(`ended with ${code}`));
    });
  }

  /** Ends the process as its machine would, and keeps its data. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('close', resolve));
    this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill('SIGKILL'), END_WITHIN_MS);
    await ended;
    clearTimeout(timer);
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The server on a free port with a data folder of its own. Its rooms are called by their first words. */
export function startServer(variables: Record<string, string> = {}): Promise<Service> {
  return Service.start(['--addr', '127.0.0.1:0'], { KIMI_TITLES: '0', ...variables }, /open (http:\/\/\S+)/);
}

/** The practice model on a free port. */
export function startSimulator(): Promise<Service> {
  return Service.start(['simulator', '--addr', '127.0.0.1:0'], {}, /KIMI_BASE_URL=(http:\/\/\S+)\/v1/);
}
