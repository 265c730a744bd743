/** The chat as a person uses it. */
import { expect, type Locator, type Page } from '@playwright/test';

import { expectShownAsStored, type StoredMessage, storedReply } from './conversation.ts';
import type { Reply } from './simulator.ts';

/** A reply of a few hundred tokens takes seconds, and a connection may have to come back first. */
const REPLY_WITHIN = { timeout: 45_000 };

export class Chat {
  readonly field: Locator;
  readonly send: Locator;
  readonly stop: Locator;
  readonly hint: Locator;
  readonly connection: Locator;
  readonly replies: Locator;
  /** The newest one. */
  readonly reply: Locator;
  readonly replyText: Locator;
  /** What people said; also what is on its way. */
  readonly said: Locator;
  readonly rooms: Locator;

  constructor(readonly page: Page) {
    this.field = page.getByRole('textbox', { name: 'Message', exact: true });
    this.send = page.getByRole('button', { name: 'Send', exact: true });
    this.stop = page.getByRole('button', { name: 'Stop', exact: true });
    this.hint = page.locator('#composer-hint');
    this.connection = page.locator('.connection');
    this.replies = page.locator('article[data-message][data-status]');
    this.reply = this.replies.last();
    this.replyText = this.reply.locator(':scope > .text');
    this.said = page.locator('article.member');
    this.rooms = page.getByRole('navigation', { name: 'Conversations' });
  }

  /** Opens an address and waits until the page is alive and connected. */
  async open(path: string): Promise<void> {
    await this.page.goto(path);
    await this.untilLive();
  }

  async untilLive(): Promise<void> {
    await expect(this.page.locator('html')).toHaveAttribute('data-live', '');
    await this.untilConnected();
  }

  async untilConnected(): Promise<void> {
    await expect(this.connection).toHaveAttribute('data-state', 'live', REPLY_WITHIN);
  }

  async untilDisconnected(timeout = 15_000): Promise<void> {
    await expect(this.connection).not.toHaveAttribute('data-state', 'live', { timeout });
  }

  /** Writes and presses Enter, and waits until the message stands in its room. */
  async ask(text: string): Promise<void> {
    const before = await this.replies.count();
    await this.field.fill(text);
    await this.field.press('Enter');
    await expect(this.replies).toHaveCount(before + 1);
    await expect(this.page).toHaveURL(/\/room\/[0-9a-f-]{36}/);
  }

  async untilStatus(status: string): Promise<void> {
    await expect(this.reply).toHaveAttribute('data-status', status, REPLY_WITHIN);
  }

  /** The whole reply is stored byte for byte, and shown as it is stored. */
  async expectReply(expected: Reply, status = 'done'): Promise<StoredMessage> {
    await this.untilStatus(status);
    const reply = await storedReply(this.page);
    expect(reply.run?.status).toBe(status);
    expect(reply.text ?? '').toBe(expected.text);
    expect(reply.thinking ?? '').toBe(expected.thinking);
    expect(reply.run?.text_length).toBe(Buffer.byteLength(expected.text));
    await expectShownAsStored(this.page);
    return reply;
  }

  /** The reply is stored up to exactly here, and that is on the screen. */
  async untilReplyIs(beginning: string): Promise<void> {
    const text = async (): Promise<string> => (await storedReply(this.page)).text ?? '';
    await expect.poll(text, { message: 'the text stored so far' }).toBe(beginning);
    await expectShownAsStored(this.page);
  }

  roomLink(title: string): Locator {
    return this.rooms.getByRole('link', { name: title, exact: true });
  }
}
