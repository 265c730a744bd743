/** The account forms. They are plain HTML, so these specs run with JavaScript and without. */
import { expect, test } from '../support/fixtures.ts';
import { newPerson, type Person, register } from '../support/people.ts';
import type { Page } from '@playwright/test';

async function fillRegistration(page: Page, person: Person): Promise<void> {
  await page.getByLabel('Name').fill(person.name);
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
}

/** Submits what the browser itself would hold back, as an older browser or a program does. */
async function submitAnyway(page: Page, button: string): Promise<void> {
  await page.locator('form').first().evaluate((form) => form.setAttribute('novalidate', ''));
  await page.getByRole('button', { name: button }).click();
}

async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('sign up, sign out, sign in', async ({ page, person }) => {
  await page.goto('/register');
  await fillRegistration(page, person);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page).toHaveURL('/');
  await expect(page.locator('.sidebar .user')).toHaveText(person.name);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL('/sign-in');
  await page.goto('/');
  await expect(page, 'signed out means out').toHaveURL('/sign-in');
  await signIn(page, ` ${person.email.toUpperCase()} `.trim(), person.password);
  await expect(page).toHaveURL('/');
  await expect(page.locator('.sidebar .user')).toHaveText(person.name);
});

test('a wrong password is refused without telling which half is wrong', async ({ page, person, playwright, network }) => {
  const request = await playwright.request.newContext({ baseURL: network.url });
  await register(request, person);
  await request.dispose();
  const refusal = page.getByRole('alert');
  const message = 'The e-mail address or the password is wrong. Try again.';

  await page.goto('/sign-in');
  await signIn(page, person.email, 'not this one');
  await expect(refusal).toHaveText(message);
  await expect(page).toHaveURL('/sign-in');
  await expect(page.getByLabel('E-mail'), 'the address need not be typed again').toHaveValue(person.email);
  await expect(page.getByLabel('Password')).toHaveValue('');

  await signIn(page, newPerson().email, 'not this one');
  await expect(refusal).toHaveText(message);

  await signIn(page, person.email, person.password);
  await expect(page).toHaveURL('/');
});

test('what is wrong with a registration is said at its field, and the rest is kept', async ({ page, person }) => {
  const long = 'x'.repeat(81);
  const cases: Array<[Partial<Person>, string, string]> = [
    [{ name: '   ' }, 'Name', 'Enter the name that others will see.'],
    [{ email: 'ana' }, 'E-mail', 'Enter an e-mail address, such as ana@example.org.'],
    [{ password: 'short' }, 'Password', 'Choose a password of at least 8 characters.'],
  ];
  for (const [wrong, field, message] of cases) {
    await page.goto('/register');
    await fillRegistration(page, { ...person, ...wrong });
    await submitAnyway(page, 'Create account');
    await expect(page.getByRole('alert')).toHaveText(message);
    await expect(page.getByLabel(field)).toHaveAttribute('aria-invalid', 'true');
    await expect(page.getByLabel('Password'), 'a password is never sent back').toHaveValue('');
    if (field !== 'Name') await expect(page.getByLabel('Name')).toHaveValue(person.name);
    if (field !== 'E-mail') await expect(page.getByLabel('E-mail')).toHaveValue(person.email);
  }
  // Once it was shown, it is over.
  await page.goto('/register');
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(page.getByLabel('Name')).toHaveAttribute('maxlength', '80');
  await page.locator('input[name=name]').evaluate((input) => input.removeAttribute('maxlength'));
  await fillRegistration(page, { ...person, name: long });
  await submitAnyway(page, 'Create account');
  await expect(page.getByRole('alert')).toHaveText('Choose a name of at most 80 characters.');
});

test('an address that has an account is not registered again', async ({ page, person, playwright, network }) => {
  const request = await playwright.request.newContext({ baseURL: network.url });
  await register(request, person);
  await request.dispose();
  await page.goto('/register');
  await fillRegistration(page, { ...person, name: 'Somebody else' });
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('alert')).toHaveText(
    'There is an account with this e-mail address. Sign in instead.',
  );
  await expect(page).toHaveURL('/register');
});

test('a form from another site is refused', async ({ request, person }) => {
  const answer = await request.post('/account/register', {
    form: { ...person },
    headers: { origin: 'https://evil.example' },
    maxRedirects: 0,
  });
  expect(answer.status()).toBe(403);
  expect(answer.headers()['set-cookie']).toBeUndefined();
});
