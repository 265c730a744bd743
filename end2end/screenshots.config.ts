import { defineConfig } from '@playwright/test';

import base from './playwright.config.ts';

export default defineConfig({
  ...base,
  testDir: '.',
  fullyParallel: false,
  // Several pages of twice the density at a time are more than a browser pictures.
  workers: 1,
  reporter: [['list']],
  projects: [{ name: 'screenshots', testMatch: 'screenshots*.ts' }],
});
