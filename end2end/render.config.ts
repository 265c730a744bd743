import { defineConfig } from '@playwright/test';

import base from './playwright.config.ts';

export default defineConfig({
  ...base,
  testDir: '.',
  fullyParallel: false,
  workers: 1,
  timeout: 40 * 60_000,
  reporter: [['list']],
  // A trace would cost more than what is measured.
  use: { ...base.use, trace: 'off' },
  projects: [{ name: 'render', testMatch: 'render.ts' }],
});
