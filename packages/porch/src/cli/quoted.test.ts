import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { quoted } from './quoted.ts';

test.each(['.porch', '/data/porch', '/my data/porch', "it's", '$HOME "x" `y` \\', '-', '\u00fc'])(
  'a shell takes %j as it is',
  (text) => {
    expect(execFileSync('sh', ['-c', `printf %s ${quoted(text)}`]).toString()).toBe(text);
  },
);

test('what a shell leaves alone is not quoted', () => {
  expect(quoted('/data/porch-1/a_b.c')).toBe('/data/porch-1/a_b.c');
});
