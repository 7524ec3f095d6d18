import { expect, it } from 'vitest';
import { commandWords } from './command-words.ts';

it.each([
  ["sed -e 's/foo/bar/'", ['sed', '-e', 's/foo/bar/']],
  ['  a\t b\n', ['a', 'b']],
  ['a"b c"\'d e\'f', ['ab cd ef']],
  [String.raw`a\ b "\"\$\x" '\n'`, ['a b', String.raw`"$\x`, String.raw`\n`]],
  [`"" ''`, ['', '']],
  ['$HOME `x` | y; z # w', ['$HOME', '`x`', '|', 'y;', 'z', '#', 'w']],
  ['', []],
])('splits %s', (command, words) => {
  expect(commandWords(command)).toEqual(words);
});

it.each([
  ['a "b', 'there is no closing "'],
  ["a 'b", "there is no closing '"],
  ['a\\', 'nothing follows the backslash'],
])('refuses %s', (command, reason) => {
  expect(() => commandWords(command)).toThrow(reason);
});
