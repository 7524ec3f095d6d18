import { describe, expect, it } from 'vitest';
import { isMap, isSeq } from 'yaml';
import { objectsOf } from '../testing/run-function.ts';
import { keyComment, setKeyComment } from './key-comments.ts';
import { printYaml } from './print-node.ts';
import { ResourceDocument } from './resource-document.ts';
import { printFile } from './resource-file.ts';

/** The text after its field has got a comment on the line of its key, and that comment as it is read again. */
function commented(text: string, path: readonly string[]): { readonly text: string; readonly comment: unknown } {
  const read = (from: string) => objectsOf(from)[0];
  const object = read(text);
  const value = object?.node(path);
  if (object === undefined || !(isMap(value) || isSeq(value))) throw new Error('the text has no such block');
  setKeyComment(value, ' new');
  const printed = printFile('a.yaml', [object.source]);
  return { text: printed, comment: keyComment(read(printed)?.node(path)) };
}

describe('a comment on the line of a key', () => {
  it.each([
    ['blank line', 'metadata:\n\n  name: x\nb: 1\n', 'metadata: # new\n\n  name: x\nb: 1\n'],
    ['blank line and a comment', 'metadata:\n\n  # n\n  name: x\n', 'metadata: # new\n\n  # n\n  name: x\n'],
    ['comment', 'metadata:\n  # n\n  name: x\n', 'metadata: # new\n  # n\n  name: x\n'],
  ])('stands before a %s that was there', (_, text, expected) => {
    expect(commented(text, ['metadata'])).toEqual({ text: expected, comment: ' new' });
  });

  it('stands before the blank line in front of a list', () => {
    expect(commented('a:\n  b:\n\n  - x\n', ['a', 'b'])).toEqual({
      text: 'a:\n  b: # new\n\n  - x\n',
      comment: ' new',
    });
  });
});

it('a comment stays behind its key where a tab stands before it', () => {
  const { document } = ResourceDocument.parse('a:\t# why\n  b: c\n');
  expect(keyComment(document.get('a'))).toBe(' why');
  expect(printYaml(document, 'compact')).toBe('a: # why\n  b: c\n');
});
