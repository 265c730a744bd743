/** People with accounts. */
import { randomUUID } from 'node:crypto';

import { type APIRequestContext, expect } from '@playwright/test';

export interface Person {
  name: string;
  email: string;
  password: string;
}

export function newPerson(name = 'Ana'): Person {
  return { name, email: `${randomUUID()}@example.org`, password: 'correct horse battery' };
}

/** Signs a person up without the form, where the form is not what is tested. */
export async function register(request: APIRequestContext, person: Person): Promise<void> {
  const response = await request.post('/account/register', { form: { ...person }, maxRedirects: 0 });
  expect(response.status(), 'the answer to a registration').toBe(303);
  expect(response.headers()['location']).toBe('/');
}
