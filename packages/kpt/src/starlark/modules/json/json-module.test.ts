import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runSource, testRows } from '../../../testing/starlark-programs.ts';

const load = 'load("encoding/json.star", "json")';

testRows(
  'json.encode',
  [
    [
      'json.encode([None, True, -3, 1 << 70, 1.5, 1.0, "é\\n\\""])',
      String.raw`"[null,true,-3,1180591620717411303424,1.5,1.0,\"é\\n\\\"\"]"`,
    ],
    [
      'json.encode({"b": 1, "a": (1, 2)}), json.encode(range(3)), json.encode({})',
      String.raw`("{\"a\":[1,2],\"b\":1}", "[0,1,2]", "{}")`,
    ],
    ['json.encode(3.539537889086625e+24)', '"3.539537889086625e+24"'],
    ['json.encode(float("nan"))', { fails: 'json.encode: cannot encode non-finite float nan' }],
    ['json.encode({1: 2})', { fails: 'json.encode: dict has int key, want string' }],
    [
      'json.encode([1, {"x": len}])',
      { fails: 'json.encode: at list index 1: in dict key "x": cannot encode builtin_function_or_method as JSON' },
    ],
    ['x = []\nx.append(x)\njson.encode(x)', { fails: 'json.encode: at list index 0: cycle in JSON structure' }],
  ],
  load,
);

testRows(
  'json.decode',
  [
    [
      '[json.decode(x) for x in ["null", "true", " -12 ", "1.0", "1e2", "123456789012345678901"]]',
      '[None, True, -12, 1.0, 100.0, 123456789012345678901]',
    ],
    [String.raw`json.decode('{"b": [1, {}], "a": "\\u00e9\\ud83d\\ude39\\n"}')`, '{"b": [1, {}], "a": "é😹\\n"}'],
    ['json.decode("{", default="d"), json.decode("{", None), json.decode("1", 2)', '("d", None, 1)'],
    ['json.decode("")', { fails: 'json.decode: at offset 0, unexpected end of file' }],
    ['json.decode("truefalse")', { fails: "json.decode: at offset 4, unexpected character 'f' after value" }],
    ['json.decode("[1, 2 ")', { fails: 'unexpected end of file' }],
    ['json.decode("[1, ]")', { fails: "unexpected character ']'" }],
    ['json.decode("[1}")', { fails: "got '}', want ',' or ']'" }],
    ['json.decode(\'{"a" 1}\')', { fails: "after object key, got '1', want ':'" }],
    ['json.decode(\'{"a": 1]\')', { fails: "in object, got ']', want ',' or '}'" }],
    ['json.decode("01")', { fails: 'invalid number: 01' }],
    ['json.decode("-")', { fails: 'invalid number: -' }],
    [`json.decode('"abc')`, { fails: 'unclosed string literal' }],
    [String.raw`json.decode('"a\\gc"')`, { fails: "invalid character 'g' in string escape code" }],
  ],
  load,
);

testRows(
  'json.indent',
  [
    [
      `json.indent('{"a":[1,2],"b":{},"c":[]}')`,
      String.raw`"{\n\t\"a\": [\n\t\t1,\n\t\t2\n\t],\n\t\"b\": {},\n\t\"c\": []\n}"`,
    ],
    [`json.indent('[1]', prefix="> ", indent="  ")`, String.raw`"[\n>   1\n> ]"`],
    ['json.indent("[")', { fails: 'json.indent: at offset 1, unexpected end of file' }],
  ],
  load,
);

describe('JSON of any value', () => {
  it('is read as JSON.parse reads it, and written so that it reads the same', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        const source = `${load}\nprint(json.encode(json.decode(${JSON.stringify(text)})))`;
        const { printed, error } = runSource(source);
        expect(error?.message).toBeUndefined();
        expect(withoutSignOfZero(printed[0])).toBe(withoutSignOfZero(text));
      }),
      { numRuns: 100 },
    );
  });
});

/** JSON in JavaScript's own order and form; an int has no -0. */
function withoutSignOfZero(text = ''): string {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (value === null || typeof value !== 'object') return value;
    return Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]);
  };
  return JSON.stringify(sorted(JSON.parse(text)));
}
