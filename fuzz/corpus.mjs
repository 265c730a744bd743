// Turns a corpus into the folder that the fuzzer works with, and back: `corpus.mjs unpack|pack FILE FOLDER`.
// In the file, each input is a line of JSON, of which each character is one byte.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const [what, file, folder] = process.argv.slice(2);
if (what === 'unpack') {
  mkdirSync(folder, { recursive: true });
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    const input = Buffer.from(JSON.parse(line), 'latin1');
    writeFileSync(`${folder}/${createHash('sha1').update(input).digest('hex')}`, input);
  }
} else {
  const inputs = readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, 'latin1'));
  inputs.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  writeFileSync(file, inputs.map((input) => `${JSON.stringify(input)}\n`).join(''));
}
