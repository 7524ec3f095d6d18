import { expect, it } from 'vitest';
import { inputFormatOf } from './content-type.ts';

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
