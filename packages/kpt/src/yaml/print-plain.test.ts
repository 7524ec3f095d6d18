import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Document, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { printYaml } from './print-node.ts';
import { printPlainPair } from './print-plain.ts';

const indents = ['compact', 'wide'] as const;

/** The pair `key: value` as it is made for a new field. */
function pairOf(key: string, value: unknown): { readonly pair: Pair; readonly map: YAMLMap } {
  const map = new Document({ [key]: value }, { compat: 'yaml-1.1' }).contents as YAMLMap;
  const [pair] = map.items;
  if (pair === undefined) throw new Error('there is no pair');
  return { pair, map };
}

const words = fc.oneof(
  fc.constantFrom(
    ...'a|yes|True|False|true|TRUE|null|x y|a: b|a :b|# c|a # c|- a|a -|| a|a |1|1e3|0x1|.a|~|!a|&a|*a|0/a'.split('|'),
  ),
  fc.string({
    unit: fc.constantFrom(...`aZ0 :-./@_#'"(),=+e[]{}`, '`'),
    maxLength: 8,
  }),
);
const scalars = fc.oneof(words, fc.integer(), fc.constant(-0), fc.double(), fc.boolean(), fc.constant(null));
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    scalars,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(words, tie('tree'), { maxKeys: 3 }),
  ),
}));

describe('what is printed without the printer', () => {
  test('is what the printer would print', () => {
    fc.assert(
      fc.property(words, tree, fc.constantFrom(...indents), (key, value, indent) => {
        const { pair, map } = pairOf(key, value);
        const plain = printPlainPair(pair.key, pair.value, 0, indent);
        if (plain !== undefined) expect(plain).toBe(printYaml(map, indent));
      }),
      { numRuns: 3000, seed: 7 },
    );
  });

  test.each(['0', '5', '05', '-5', '5.0', '0x5', '5e0', '1_000', '-0', '+5', '123456789012345678'])(
    'is a number as it was read: %s',
    (text) => {
      const map = parseDocument(`a: ${text}\n`, { compat: 'yaml-1.1' }).contents as YAMLMap;
      const [pair] = map.items;
      const plain = printPlainPair(pair?.key, pair?.value, 0, 'compact');
      expect(plain).toBe(/^[05]$/.test(text) ? printYaml(map, 'compact') : undefined);
    },
  );

  test.each(indents)('is the status of a rendering, sequences %s', (indent) => {
    const status = {
      conditions: [{ type: 'Rendered', status: 'True', reason: 'RenderSuccess' }],
      renderStatus: {
        mutationSteps: [
          {
            image: 'set-labels:v0.2',
            exitCode: 0,
            results: [
              { message: 'set "a" in 2 place(s)', file: { path: '0/a.yaml' } },
              { message: 'set annotations: {"a":"b"}', field: { path: 'metadata.annotations' } },
              { message: 'namespace [default] updated. no `depends-on` changed' },
              { message: "it's 1 value: b # c" },
            ],
          },
          { image: 'no-op:latest', exitCode: 0 },
        ],
      },
    };
    const { pair, map } = pairOf('status', status);
    expect(printPlainPair(pair.key, pair.value, 0, indent)).toBe(printYaml(map, indent));
  });
});
