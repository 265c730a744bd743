/** The practice model's admin side: what it will say, where it waits, and what it was asked. */
import { expect } from '@playwright/test';

export interface Reply {
  text: string;
  thinking: string;
}

export interface ModelCall {
  id: number;
  model: string;
  prompt: string;
  outcome: 'waiting' | 'streaming' | 'finished' | 'refused' | 'cut' | 'closed_by_client';
  text_tokens: number;
  /** What was asked; null when it is large. */
  body: unknown;
}

export class Simulator {
  constructor(private readonly url: string) {}

  async #ask<T>(path: string, init?: RequestInit): Promise<T> {
    const response = await fetch(`${this.url}/simulator/${path}`, init);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  #post<T>(path: string, body?: unknown): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    return this.#ask(path, { method: 'POST', ...(body === undefined ? {} : { headers, body: JSON.stringify(body) }) });
  }

  /** What a prompt leads to, byte for byte. Knows nothing of queued scripts. */
  reply(prompt: string): Promise<Reply> {
    return this.#ask(`reply?prompt=${encodeURIComponent(prompt)}`);
  }

  /** The first tokens of the reply to a prompt that ends with a `/sim` command. */
  async beginning(prompt: string, tokens: number): Promise<string> {
    return (await this.reply(`${prompt} tokens=${tokens}`)).text;
  }

  /** Queues what the model does at its next request whose prompt holds `match`. */
  async script(script: Record<string, unknown>): Promise<void> {
    await this.#post('scripts', script);
  }

  /** What was asked so far, oldest first, of prompts that hold `match`. */
  calls(match: string): Promise<ModelCall[]> {
    return this.#ask(`requests?match=${encodeURIComponent(match)}`);
  }

  /** Waits until a reply stands at the gate. */
  async untilAt(gate: string): Promise<void> {
    const waiting = async (): Promise<number> => (await this.#ask<{ waiting: number }>(`gates/${gate}`)).waiting;
    await expect.poll(waiting, { message: `a reply at the gate \`${gate}\`` }).toBe(1);
  }

  /** Lets the replies at the gate go on. */
  async release(gate: string): Promise<void> {
    await this.#post(`gates/${gate}`);
  }

  async reset(): Promise<void> {
    await this.#post('reset');
  }
}
