/** What axe-core finds wrong with a page for those who see, hear or use it otherwise: WCAG 2.2, levels A and AA. */
import axe from 'axe-core';
import { expect, type Page } from '@playwright/test';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Fails on whatever is serious or critical; says which elements, and why. */
export async function expectUsable(page: Page, state: string): Promise<void> {
  // Not as a script of the page: its policy allows none.
  const found = await page.evaluate(
    async ([source, rules]) => {
      if (!('axe' in window)) (0, eval)(source);
      const { axe } = window as unknown as { axe: typeof import('axe-core') };
      const result = await axe.run(document, { runOnly: rules, resultTypes: ['violations'] });
      return result.violations.flatMap(({ id, impact, nodes }) =>
        nodes.map((node) => ({ id, impact, target: node.target.join(' '), why: node.failureSummary })),
      );
    },
    [axe.source, RULES] as const,
  );
  const bad = found.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(bad, `${state}: what axe finds`).toEqual([]);
}
