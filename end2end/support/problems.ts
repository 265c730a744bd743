/** Collects what browsers complain about. A test ends well only when there was nothing. */
import type { BrowserContext } from '@playwright/test';

export class Problems {
  readonly #found: string[] = [];
  readonly #allowed: RegExp[] = [];

  watch(context: BrowserContext): void {
    context.on('console', (message) => {
      if (message.type() === 'error') this.#add(`console: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => this.#add(`page: ${error.error().stack ?? error.error().message}`));
    context.on('page', (page) => page.on('crash', () => this.#add(`page: crashed at ${page.url()}`)));
  }

  /** For what the test itself causes: a browser reports every connection that was refused. */
  allowNetworkErrors(): void {
    this.#allowed.push(/net::ERR_(CONNECTION|EMPTY_RESPONSE|INCOMPLETE|SOCKET|NETWORK|INTERNET)/);
  }

  /** For what the test itself causes. */
  allow(pattern: RegExp): void {
    this.#allowed.push(pattern);
  }

  #add(problem: string): void {
    this.#found.push(problem);
  }

  get list(): string[] {
    return this.#found.filter((problem) => !this.#allowed.some((allowed) => allowed.test(problem)));
  }
}
