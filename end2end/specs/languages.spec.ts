/** Two languages: a browser in Indonesian gets all of it, one in English nothing of that, and the choice stays. */
import { expect, test } from '../support/fixtures.ts';
import { newPerson, register } from '../support/people.ts';

test.describe('a browser in Indonesian', () => {
  test.use({ locale: 'id-ID' });

  test('signs up in Indonesian', async ({ page }) => {
    const person = newPerson();
    await page.goto('/register');
    await expect(page.locator('html')).toHaveAttribute('lang', 'id');
    await page.getByLabel('Nama').fill(person.name);
    await page.getByLabel('Email').fill('ana@example');
    await page.getByLabel('Kata sandi').fill('12345');
    await page.locator('form[action^="/account/r"]').evaluate((form) => form.setAttribute('novalidate', ''));
    await page.getByRole('button', { name: 'Buat akun' }).click();
    await expect(page.getByRole('alert')).toHaveText('Pilih kata sandi dengan minimal 8 karakter.');
    await page.getByLabel('Email').fill(person.email);
    await page.getByLabel('Kata sandi').fill(person.password);
    await page.getByRole('button', { name: 'Buat akun' }).click();
    await expect(page.getByRole('heading', { name: 'Mau membicarakan apa?' })).toBeVisible();
  });

  test('chats in it, with its numbers, and is told of failures in it', async ({ page, person, simulator }) => {
    await register(page.request, person);
    await page.goto('/');
    await expect(page.locator('html')).toHaveAttribute('data-live', '');
    await expect(page.locator('.transport')).toContainText('Tersambung lewat WebSocket');
    const field = page.getByRole('textbox', { name: 'Pesan', exact: true });
    await field.fill('x'.repeat(32 * 1024 + 1_234));
    await expect(page.locator('#composer-hint')).toContainText('Kelebihan 1.234 bita.');
    // What the browser draws by itself, and what becomes of it.
    const prompt = 'Gagal sekali /sim rate=0 thinking_rate=0 fail=quota times=1';
    await field.fill(prompt);
    await field.press('Enter');
    const reply = page.locator('article[data-status]').last();
    await expect(reply).toHaveAttribute('data-status', 'failed', { timeout: 30_000 });
    await expect(reply.locator('.outcome')).toContainText('kehabisan saldo');
    await reply.getByRole('button', { name: 'Ulangi' }).click();
    await expect(page.locator('article[data-status]').last()).toHaveAttribute('data-status', 'done', { timeout: 30_000 });
    expect(await simulator.calls(prompt)).toHaveLength(2);
    // What the server refuses.
    const rows = page.getByRole('navigation', { name: 'Percakapan' });
    await rows.locator('.room-row').first().hover();
    await rows.getByRole('button', { name: /^Ganti nama/ }).click();
    await page.getByLabel('Nama baru').fill('   ');
    await page.getByRole('button', { name: 'Simpan' }).click();
    await expect(page.locator('.notice')).toContainText('Nama terdiri dari 1 sampai 120 karakter.');
    // What the server draws of the same room.
    await page.reload();
    await expect(page.locator('.composer-hint')).toHaveText('Kimi bisa keliru. Periksa hal yang penting.');
    await expect(rows.getByRole('heading')).toHaveText(['Hari ini']);
    // What the browser draws from tables.
    await expect(page.locator('html')).toHaveAttribute('data-live', '');
    await field.fill('/he');
    await expect(page.getByRole('option')).toHaveText('/help menampilkan tombol dan perintah ini');
    await field.fill('/help');
    await field.press('Enter');
    const sheet = page.getByRole('dialog', { name: 'Tombol dan perintah' });
    await expect(sheet).toContainText('menyalin tautannya');
    await sheet.getByRole('button', { name: 'Tutup' }).click();
    await page.keyboard.press('ControlOrMeta+k');
    await page.keyboard.type('tidak ada');
    await expect(page.getByRole('dialog', { name: 'Buka' }).getByRole('status')).toHaveText('Tidak ada yang bernama begitu.');
  });

  test('changes to English, here and wherever they sign in', async ({ page, person, browser, baseURL }) => {
    await register(page.request, person);
    await page.goto('/');
    await page.getByRole('button', { name: 'English' }).click();
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    await expect(page.getByRole('heading', { name: 'What would you like to talk about?' })).toBeVisible();
    const elsewhere = await browser.newContext({ baseURL, locale: 'id-ID' });
    const other = await elsewhere.newPage();
    await other.goto('/sign-in');
    await other.getByLabel('Email').fill(person.email);
    await other.getByLabel('Kata sandi').fill(person.password);
    await other.getByRole('button', { name: 'Masuk' }).click();
    await expect(other.getByRole('heading', { name: 'What would you like to talk about?' })).toBeVisible();
    await elsewhere.close();
  });
});

test('an English visit downloads nothing Indonesian', async ({ page, person }) => {
  await register(page.request, person);
  const bodies: Promise<Buffer>[] = [];
  page.on('response', (response) => bodies.push(response.body().catch(() => Buffer.alloc(0))));
  await page.goto('/');
  await expect(page.locator('html')).toHaveAttribute('data-live', '');
  await expect(page.locator('.transport')).toContainText('Connected');
  const sent = (await Promise.all(bodies)).map((body) => body.toString('latin1'));
  expect(sent.filter((body) => body.includes('What would you like')), 'English is in the page and in the WASM').toHaveLength(2);
  for (const words of ['Mau membicarakan', 'Tulis pesan dulu', 'Percakapan', 'kehabisan saldo', 'Kata sandi']) {
    expect(sent.filter((body) => body.includes(words)), words).toEqual([]);
  }
});

test('a choice needs no account and leads back', async ({ page }) => {
  await page.goto('/sign-in?next=/rooms/new');
  await page.getByRole('button', { name: 'Bahasa Indonesia' }).click();
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await expect(page.getByRole('heading', { name: 'Masuk' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Bahasa Indonesia' })).toHaveAttribute('aria-pressed', 'true');
});
