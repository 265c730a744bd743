/** The command: what goes wrong at the start is one clear line, never a panic. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { expect, test } from '../support/fixtures.ts';
import { type Result, runToEnd } from '../support/processes.ts';

let folder = '';
test.beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sitespark-'));
});
test.afterAll(async () => rm(folder, { recursive: true, force: true }));

function expectOneLine(result: Result, line: RegExp): void {
  expect(result.code).not.toBe(0);
  expect(result.stderr).toMatch(line);
  expect(result.stderr).not.toContain('panicked');
  expect(result.stderr.trim().split('\n'), result.stderr).toHaveLength(1);
  expect(result.stdout).toBe('');
}

test('a taken port', async ({ services }) => {
  const { host, port } = new URL(services.server.url);
  const data = path.join(folder, 'taken');
  const line = new RegExp(`^error: ${host} is in use.*PORT`);
  expectOneLine(await runToEnd(['--addr', host, '--data', data]), line);
  expectOneLine(await runToEnd([], { PORT: port, SITESPARK_DATA: data }), line);
});

test('a data folder that cannot be written', async () => {
  const file = path.join(folder, 'file');
  await writeFile(file, 'not a folder');
  const result = await runToEnd(['--addr', '127.0.0.1:0', '--data', path.join(file, 'data')]);
  expectOneLine(result, /^error: can't write to the data folder.*SITESPARK_DATA/);
});

test('a database that is none', async () => {
  await writeFile(path.join(folder, 'sitespark.db'), 'this is not a database, but it is long enough to be looked at '.repeat(99));
  expectOneLine(await runToEnd(['--addr', '127.0.0.1:0', '--data', folder]), /^error: can't open the database/);
});

for (const [name, value] of [
  ['PORT', 'eighty'],
  ['SITESPARK_ADDR', 'localhost'],
  ['SITESPARK_PUBLIC_URL', 'chat.example.org'],
  ['SITESPARK_MESSAGE_BYTES', '0'],
] as const) {
  test(`a bad value of ${name} names the variable or its flag`, async () => {
    const result = await runToEnd([], { [name]: value, SITESPARK_DATA: path.join(folder, 'unused') });
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain(value);
    expect(result.stderr).toContain(`--${name.replace('SITESPARK_', '').toLowerCase().replaceAll('_', '-')}`);
    expect(result.stderr).not.toContain('panicked');
  });
}
