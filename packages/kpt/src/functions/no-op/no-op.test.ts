import { expect, it } from 'vitest';
import { configMap, runFunction } from '../../testing/run-function.ts';
import { noOp } from './no-op.ts';

it.each([undefined, configMap({ any: 'thing' })])('changes and says nothing (%#)', (config) => {
  const text = 'a:   1 # one\r\n--- # two\n\n[x,  y]';
  expect(runFunction(noOp, text, config)).toEqual({
    text,
    results: [],
    messages: [],
    failed: undefined,
    items: undefined,
  });
});
