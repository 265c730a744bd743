import { defineConfig } from '@playwright/test';

import base from './playwright.config.ts';

export default defineConfig({
  ...base,
  testDir: '.',
  fullyParallel: false,
  reporter: [['list']],
  projects: [{ name: 'screenshots', testMatch: 'screenshots.ts' }],
});
