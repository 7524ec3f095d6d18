import { expect, test } from 'vitest';
import { remoteAddress } from './remote-address.ts';
import { remoteKey, remoteUrlErrors } from './remote-url.ts';

test.each(['https://git.example.com/a', 'ssh://git@git.example.com/a', 'git@git.example.com:a', '/a'])(
  'a long row of slashes after %s is one address in no time',
  (start) => {
    const text = `${start}${'/'.repeat(300_000)}b`;
    remoteUrlErrors(text, { allowLocal: true });
    expect([remoteKey(text).endsWith('/b'), remoteAddress(text)?.endsWith('/b')]).toEqual([true, true]);
  },
);
