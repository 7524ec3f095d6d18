import { describe, expect, it } from 'vitest';
import { runSource, testRows } from '../../testing/starlark-programs.ts';

testRows('all, any, len, enumerate, zip, reversed', [
  ['all([1, "a"]), all([]), any([0, ""]), any([0, 1])', '(True, True, False, True)'],
  ['len([1]), len(()), len({1: 2}), len("ab"), len(set([1])), len(range(4))', '(1, 0, 1, 2, 1, 4)'],
  ['len(1)', { fails: 'len: value of type int has no len' }],
  ['enumerate(["a", "b"]), enumerate(["a"], 5)', '([(0, "a"), (1, "b")], [(5, "a")])'],
  ['zip(), zip([1, 2]), zip([1, 2], ("a", "b", "c"))', '([], [(1,), (2,)], [(1, "a"), (2, "b")])'],
  ['zip([1], 2)', { fails: 'zip: argument #2 is not iterable: int' }],
  ['reversed([1, 2, 3]), reversed({1: 2})', '([3, 2, 1], [1])'],
  ['enumerate("ab")', { fails: 'enumerate: for parameter iterable: got string, want iterable' }],
  ['len([], [])', { fails: 'len: got 2 arguments, want 1' }],
]);

testRows('min, max, sorted', [
  ['min(3, 1, 2), max([3, 1, 2]), min("b", "a")', '(1, 3, "a")'],
  ['min(["aa", "b"], key=len), max(5, -7, key=abs), max([(1, 2), (1, 3)])', '("b", -7, (1, 3))'],
  [
    'sorted([3, 1, 2]), sorted(["b", "a"], reverse=True), sorted((2, 1)), sorted(set([2, 1]))',
    '([1, 2, 3], ["b", "a"], [1, 2], [1, 2])',
  ],
  ['sorted([("b", 1), ("a", 2), ("c", 1)], key=lambda p: p[1])', '[("b", 1), ("c", 1), ("a", 2)]'],
  ['sorted([(1, "a"), (1, "b"), (0, "c")], key=lambda p: p[0], reverse=True)', '[(1, "a"), (1, "b"), (0, "c")]'],
  ['min()', { fails: 'min: at least one positional argument is required' }],
  ['max([])', { fails: 'max: argument is an empty sequence' }],
  ['min([], keg=1)', { fails: 'unexpected keyword argument "keg"' }],
  ['sorted([1], reverse=1)', { fails: 'sorted: for parameter reverse: got int, want bool' }],
  ['max(1)', { fails: 'max: int value is not iterable' }],
  ['sorted([1, "a"])', { fails: / < .* not implemented/ }],
  ['sorted([1], key=1)', { fails: 'sorted: for parameter key: got int, want callable' }],
]);

testRows('type, str, repr, bool, list, tuple', [
  [
    '[type(x) for x in [None, True, 1, 1 << 70, 1.0, "", b"", [], (), {}, set(), range(1), len, lambda: 1]]',
    '["NoneType", "bool", "int", "int", "float", "string", "bytes", "list", "tuple", "dict", "set", "range", "builtin_function_or_method", "function"]',
  ],
  [
    'str("a"), repr("a"), str(None), str([1, "a"]), str(1.0), str()',
    '("a", "\\"a\\"", "None", "[1, \\"a\\"]", "1.0", "")',
  ],
  [
    'bool(), bool("a"), list(), list((1, 2)), tuple(), tuple([1]), list({"a": 1})',
    '(False, True, [], [1, 2], (), (1,), ["a"])',
  ],
  ['repr("\\n\\t\\x01é\\u200d😿")', String.raw`"\"\\n\\t\\x01é\\u200d😿\""`],
]);

testRows('dir, getattr, hasattr', [
  ['dir([])', '["append", "clear", "extend", "index", "insert", "pop", "remove"]'],
  ['dir({})', '["clear", "get", "items", "keys", "pop", "popitem", "setdefault", "update", "values"]'],
  ['dir(1), dir(None), dir(b"")', '([], [], ["elems"])'],
  ['len(dir("")), dir("") == sorted(dir(""))', '(35, True)'],
  ['hasattr("", "upper"), hasattr("", "x"), getattr("", "x", 1), getattr("a", "upper")()', '(True, False, 1, "A")'],
  ['getattr("", "x")', { fails: 'string has no .x field or method' }],
]);

describe('print and fail', () => {
  it('prints with spaces or a given separator', () => {
    const { printed } = runSource('print(1, "a", ["b"], None)\nprint("x", "y", sep="-")\nprint()');
    expect(printed).toEqual(['1 a ["b"] None', 'x-y', '']);
  });

  it('refuses other names', () => {
    expect(runSource('print(1, end="")').error?.message).toBe('print: unexpected keyword argument "end"');
  });

  it('fails with the words given', () => {
    expect(runSource('fail("no", 1, {"a": 2})').error?.message).toBe('fail: no 1 {"a": 2}');
    expect(runSource('fail("a", "b", sep="/")').error?.message).toBe('fail: a/b');
  });
});

testRows('enumerate', [
  ['enumerate(["a", "b"], 1), enumerate([None], 1 << 60)', '([(1, "a"), (2, "b")], [(1152921504606846976, None)])'],
  ['enumerate([1], "a")', { fails: 'enumerate: for parameter start: got string, want int' }],
]);

describe('tracebacks', () => {
  it('name the calls that led to a failure, outermost first', () => {
    const { error } = runSource('def f(x):\n  return g(x)\n\ndef g(x):\n  return [y + 1 for y in x]\n\nf(["a"])\n');
    expect(error?.traceback).toBe(
      [
        'Traceback (most recent call last):',
        '  test.star:7:2: in <toplevel>',
        '  test.star:2:11: in f',
        '  test.star:5:13: in g',
        'Error: unknown binary op: string + int',
      ].join('\n'),
    );
  });

  it('name the built-in function that failed', () => {
    expect(runSource('def f():\n  fail("x")\nf()').error?.traceback).toBe(
      'Traceback (most recent call last):\n  test.star:3:2: in <toplevel>\n  test.star:2:7: in f\nError in fail: fail: x',
    );
    expect(runSource('sorted([1], key=lambda x: x.y)').error?.traceback).toContain('in lambda\nError: int has no .y');
  });

  it('shorten a deep recursion', () => {
    const { traceback = '' } = runSource('def f():\n  f()\nf()').error ?? {};
    expect(traceback.split('\n')).toHaveLength(23);
    expect(traceback).toContain('  ... 980 more calls ...');
  });
});
