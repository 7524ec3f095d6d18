import { expect, it } from 'vitest';
import { inputFormatOf, requestFormatOf } from './content-type.ts';

it.each([
  [undefined, 'json'],
  ['', 'json'],
  ['application/json', 'json'],
  ['application/json; charset=utf-8', 'json'],
  ['Application/JSON;charset=utf-8', 'json'],
  [' application/yaml ', 'yaml'],
  ['application/vnd.kubernetes.protobuf', 'protobuf'],
])('a body of %s is %s', (contentType, format) => {
  expect(inputFormatOf(contentType)).toBe(format);
});

it.each(['text/plain', 'application/merge-patch+json', 'json', 'application/yaml2', 'application/*'])(
  'a body of %s is not read',
  (contentType) => {
    expect(() => inputFormatOf(contentType)).toThrow(
      expect.objectContaining({ code: 415, reason: 'UnsupportedMediaType' }),
    );
  },
);

it('a body that a page in a browser sends is not read without a type', () => {
  const origin = 'https://evil.example';
  for (const headers of [
    { origin },
    { origin, 'content-type': '' },
    { origin: 'null', 'content-type': '; charset=utf-8' },
  ]) {
    expect(() => requestFormatOf(headers)).toThrow(expect.objectContaining({ code: 415 }));
  }
  expect(requestFormatOf({ origin, 'content-type': 'application/json' })).toBe('json');
  expect(requestFormatOf({})).toBe('json');
});
