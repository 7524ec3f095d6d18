import { testRows } from '../../testing/starlark-programs.ts';

testRows('precedence', [
  ['1 + 2 * 3, (1 + 2) * 3, 2 * 3 % 4', '(7, 9, 2)'],
  ['1 | 2 ^ 3 & 4 << 1', '3'],
  ['not 1 == 2, not True or True', '(True, True)'],
  ['-2 * -3, - - 2, not not 1', '(6, 2, True)'],
  ['1 if False else 2 if False else 3', '3'],
  ['1 < 2 < 3', { fails: '< does not associate with the comparison before it (use parens)' }],
  ['1 == 2 in [False]', { fails: 'does not associate' }],
  ['(1 < 2) == True', 'True'],
]);

testRows('and, or, not and conditions', [
  ['0 or "a", 1 or "a", 0 and "a", 1 and "a"', '("a", 1, 0, "a")'],
  ['None and None[0], True or None[0]', '(None, True)'],
  [
    '[bool(x) for x in [0, 0.0, "", [], (), {}, set(), None, range(0), b""]]',
    '[False, False, False, False, False, False, False, False, False, False]',
  ],
  [
    '[bool(x) for x in [1, -1.5, "0", [0], (0,), {0: 0}, len, 1 << 80]]',
    '[True, True, True, True, True, True, True, True]',
  ],
  ['1 if [] else 2', '2'],
  ['1 if True', { fails: 'conditional expression without else clause' }],
]);

testRows('comprehensions', [
  ['[x * y for x in [1, 2] for y in [3, 4] if x + y > 4]', '[4, 6, 8]'],
  ['{x: x * x for x in range(3)}', '{0: 0, 1: 1, 2: 4}'],
  ['[x for x in [x for x in range(3)] if x]', '[1, 2]'],
  ['[(a, b) for a, b in {1: 2}.items()]', '[(1, 2)]'],
  ['[x for x in (1, 2) if x > 1 if x < 3]', '[2]'],
  ['x = [[1, 2]]\nresult = [x for x in x for y in x]', '[[1, 2], [1, 2]]'],
  ['x = 5\ny = [x for x in [1]]\nresult = x', '5'],
  ['x = [1]\ny = [x for _ in [1] for x in x]', { fails: 'local variable x referenced before assignment' }],
  ['[f() for f in [(lambda: i) for i in range(3)]]', '[2, 2, 2]'],
  ['[x for x in 1]', { fails: 'int value is not iterable' }],
  ['[x]', { fails: 'test.star:2:12: undefined: x' }],
  ['[x for x in [1], 2]', { fails: "got ',', want ']', for, or if" }],
]);

testRows('calls', [
  [
    'def f(a, b=2, *c, d, e=5, **g):\n  return (a, b, c, d, e, g)\nresult = f(1, d=4), f(1, 2, 3, 4, d=0, x=9), f(d=1, a=2)',
    '((1, 2, (), 4, 5, {}), (1, 2, (3, 4), 0, 5, {"x": 9}), (2, 2, (), 1, 5, {}))',
  ],
  [
    'def f(*args, **kwargs):\n  return args, kwargs\nresult = f(1, *[2, 3], x=4, **{"y": 5})',
    '((1, 2, 3), {"x": 4, "y": 5})',
  ],
  ['def f(a, *, b):\n  return a + b\nresult = f(1, b=2)', '3'],
  ['def f(x,):\n  return x\nresult = f(1,)', '1'],
  [
    'r = []\ndef n(x):\n  r.append(x)\n  return x\ndef f(*a, **k):\n  pass\nf(n(1), n(2), x=n(3), *[n(4)], **{"y": n(5)})\nresult = r',
    '[1, 2, 3, 4, 5]',
  ],
  ['(lambda x, y=2, *z: (x, y, z))(1)', '(1, 2, ())'],
  ['def f(a, b):\n  pass\nf(1)', { fails: 'function f missing 1 argument (b)' }],
  ['def f(a, b):\n  pass\nf()', { fails: 'function f missing 2 arguments (a, b)' }],
  ['def f(a):\n  pass\nf(1, 2)', { fails: 'function f accepts 1 positional argument (2 given)' }],
  ['def f(a, b=1):\n  pass\nf(1, 2, 3)', { fails: 'function f accepts at most 2 positional arguments (3 given)' }],
  ['def f():\n  pass\nf(1)', { fails: 'function f accepts no positional arguments (1 given)' }],
  [
    'def f(name):\n  pass\nf(nam=1)',
    { fails: 'function f got an unexpected keyword argument "nam" (did you mean name?)' },
  ],
  ['def f(a):\n  pass\nf(1, a=2)', { fails: 'function f got multiple values for parameter "a"' }],
  ['def f(**k):\n  pass\nf(a=1, **{"a": 2})', { fails: 'function f got multiple values for parameter "a"' }],
  ['def f(*, b):\n  pass\nf()', { fails: 'function f missing 1 argument (b)' }],
  ['def f(a):\n  pass\nf(*1)', { fails: 'argument after * must be iterable, not int' }],
  ['def f(a):\n  pass\nf(**[])', { fails: 'argument after ** must be a mapping, not list' }],
  ['def f(a):\n  pass\nf(**{1: 2})', { fails: 'keywords must be strings, not int' }],
  ['1(2)', { fails: 'invalid call of non-function (int)' }],
  ['x = len(a=1)', { fails: 'len: unexpected keyword arguments' }],
  ['dict(a=1, a=2)', { fails: 'keyword argument "a" is repeated' }],
  ['dict(a=1, [])', { fails: 'positional argument may not follow named' }],
  ['dict(*[], [])', { fails: 'positional argument may not follow *args' }],
  ['dict(**{}, **{})', { fails: 'multiple **kwargs not allowed' }],
  ['dict(1=2)', { fails: 'keyword argument must have form name=expr' }],
]);

testRows('fields and indexes', [
  ['"abc".upper, len', '(<built-in method upper of string value>, <built-in function len>)'],
  ['{"a": [1, {"b": 2}]}["a"][1]["b"]', '2'],
  ['[[1, 2], [3]][0][1]', '2'],
  ['"a b".split()[1].upper()', '"B"'],
  ['(1).foo', { fails: 'int has no .foo field or method' }],
  ['None[0]', { fails: 'unhandled index operation NoneType[int]' }],
  ['None[0:1]', { fails: 'invalid slice operand NoneType' }],
  ['x = "abc"\nx.foo = 1', { fails: "can't assign to .foo field of string" }],
]);

testRows('lambda', [
  ['(lambda: 1)(), (lambda x: x + 1)(2)', '(1, 3)'],
  ['sorted([3, 1, 2], key=lambda x: -x)', '[3, 2, 1]'],
  ['(lambda x: 1 if x else 0)(False)', '0'],
  ['str(lambda: 1)', '"<function lambda>"'],
  ['(lambda *a, **k: (a, k))(1, b=2)', '((1,), {"b": 2})'],
]);
