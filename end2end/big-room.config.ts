import { defineConfig } from '@playwright/test';

import base from './playwright.config.ts';

export default defineConfig({
  ...base,
  testDir: '.',
  fullyParallel: false,
  timeout: 600_000,
  reporter: [['list']],
  projects: [{ name: 'big room', testMatch: 'big-room.ts' }],
});
