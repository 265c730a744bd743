import { existsSync } from 'node:fs';

import { defineConfig } from '@playwright/test';

const isCi = Boolean(process.env.CI);

/** The distribution's browser; Playwright's own is not downloaded. The same places as in scripts/install-test-tools. */
const CHROMIUM =
  process.env.CHROMIUM ??
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'].find(existsSync);

export default defineConfig({
  testDir: 'specs',
  outputDir: '../target/end2end',
  // Two browsers are as many as two cores can drive without making the timings of the product worse.
  workers: 2,
  fullyParallel: true,
  // A flaky test is a bug: of the test or of the product.
  retries: 0,
  forbidOnly: isCi,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: process.env.END2END_JSON
    ? [['list'], ['json', { outputFile: process.env.END2END_JSON }]]
    : [['list']],
  use: {
    trace: 'retain-on-failure',
    actionTimeout: 15_000,
    navigationTimeout: 15_000,
    launchOptions: {
      executablePath: CHROMIUM,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'javascript', testIgnore: /\.plain\.spec\.ts$/ },
    // The same product with nothing but HTML: its own specs, and those of the account forms again.
    {
      name: 'no-javascript',
      testMatch: /(\.plain|accounts)\.spec\.ts$/,
      use: { javaScriptEnabled: false },
    },
  ],
});
