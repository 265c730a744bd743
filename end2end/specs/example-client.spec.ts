import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from '../support/fixtures.ts';
import { newPerson, register } from '../support/people.ts';

const CLIENT = fileURLToPath(new URL('../examples/client.mjs', import.meta.url));

test('the example client signs in, asks, streams, loses its connection and resumes', async ({
  request,
  network,
  simulator,
}) => {
  const person = newPerson();
  await register(request, person);
  const prompt = 'How do tides work? /sim rate=400 thinking_rate=400 unicode table gate=middle@120';
  const client = promisify(execFile)('node', [CLIENT, network.url, person.email, person.password, prompt], { timeout: 60_000 });
  await simulator.untilAt('middle');
  for (let cuts = 0; cuts < 2; cuts += 1) {
    const before = network.accepted;
    network.cut();
    // It is back, by a ticket and a socket, before the model goes on.
    await expect.poll(() => network.accepted).toBeGreaterThan(before);
  }
  await simulator.release('middle');
  const { stdout, stderr } = await client;
  expect(stderr).toBe('');
  expect(stdout).toBe((await simulator.reply(prompt)).text);
  expect(await simulator.calls(prompt), 'one question is one call').toHaveLength(1);
});

test('the example client fits on two pages', async () => {
  expect((await readFile(CLIENT, 'utf8')).trimEnd().split('\n').length).toBeLessThanOrEqual(100);
});
