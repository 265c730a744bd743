/** In which sizes and colours pages are pictured, and where the pictures go. */
import { fileURLToPath } from 'node:url';

import { expect, type Page } from '@playwright/test';

export const FOLDER = fileURLToPath(new URL('../../target/screenshots', import.meta.url));
export const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } };

export interface Look {
  name: string;
  isPhone: boolean;
  /** For `test.use`, and for whoever needs a browser of their own. */
  options: object;
  picture: (page: Page, state: string, isWhole?: boolean) => Promise<void>;
}

/** Every size in both colours; phones have no mouse. */
export const LOOKS: Look[] = Object.entries(SIZES).flatMap(([size, viewport]) =>
  (['light', 'dark'] as const).map((colorScheme) => {
    const isPhone = size === 'phone';
    return {
      name: `${size}, ${colorScheme}`,
      isPhone,
      options: { viewport, colorScheme, deviceScaleFactor: 2, isMobile: isPhone, hasTouch: isPhone },
      picture: async (page, state, isWhole = false) => {
        const path = `${FOLDER}/${state}-${size}-${colorScheme}.png`;
        // Chromium refuses a picture now and then, also of a page that is quiet, and takes the same one a moment later.
        await expect(async () => {
          await page.screenshot({ path, fullPage: isWhole, animations: 'disabled' });
        }).toPass({ timeout: 10_000 });
      },
    };
  }),
);
