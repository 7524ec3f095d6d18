import { testRows } from '../../testing/starlark-programs.ts';

testRows('assignment', [
  ['a, b = 1, 2\n(c, [d, e]) = (3, (4, 5))\nresult = (a, b, c, d, e)', '(1, 2, 3, 4, 5)'],
  ['a = b = 1', { fails: "got '=', want newline" }],
  ['a, b = b, a = 1, 2', { fails: "got '=', want newline" }],
  ['(x,) = [7]\nresult = x', '7'],
  ['x = [0, 0]\nx[0], x[1] = 1, 2\nresult = x', '[1, 2]'],
  ['a, b = 1', { fails: 'got int in sequence assignment' }],
  ['a, b = [1]', { fails: 'too few values to unpack (got 1, want 2)' }],
  ['a, b = [1, 2, 3]', { fails: 'too many values to unpack (want 2)' }],
  ['1 = 2', { fails: "can't assign to literal expression" }],
  ['f() = 2', { fails: "can't assign to call expression" }],
  ['x = 1\nx += 2; x -= 1; x *= 10; x //= 3; x %= 4; x <<= 3; x |= 1; x &= 19; x ^= 2; x >>= 1\nresult = x', '9'],
  ['x = 6\nx /= 4\nresult = x', '1.5'],
  ['x = {"a": 1}\nx["a"] += 4\nresult = x', '{"a": 5}'],
  ['n = [0]\ndef f():\n  n[0] += 1\n  return 0\nx = [1]\nx[f()] += 5\nresult = (x, n)', '([6], [1])'],
  ['a, b += 1, 2', { fails: "can't use tuple expression in augmented assignment" }],
  ['x = 1\nx += "a"', { fails: 'unknown binary op: int + string' }],
  [
    'log = []\ndef f(n, v):\n  log.append(n)\n  return v\nf("list", [0])[f("key", 0)] = f("value", 0)\nresult = log',
    '["value", "list", "key"]',
  ],
]);

testRows('if, for and while', [
  ['x = 3\nif x < 2:\n  result = "a"\nelif x < 5:\n  result = "b"\nelse:\n  result = "c"', '"b"'],
  ['result = []\nfor i in range(5):\n  if i == 1: continue\n  if i == 4: break\n  result.append(i)', '[0, 2, 3]'],
  ['result = []\nfor a, (b, c) in [(1, (2, 3))]:\n  result.append(a + b + c)', '[6]'],
  ['result = {}\nfor k, result[k] in [("a", 1), ("b", 2)]: pass', '{"a": 1, "b": 2}'],
  ['i = 0\nwhile i < 10:\n  i += 1\n  if i == 5: break\nresult = i', '5'],
  ['def f():\n  for i in range(3):\n    while True:\n      return i\nresult = f()', '0'],
  ['for x in [1, 2]: pass\nresult = x', '2'],
  ['for x in None: pass', { fails: 'NoneType value is not iterable' }],
  ['for x in {"a": 1}, {"b": 2}:\n  result = x', '{"b": 2}'],
  ['break', { fails: 'break not in a loop' }],
  ['def f():\n  continue', { fails: 'continue not in a loop' }],
  ['for i in [1]:\n  def f():\n    break', { fails: 'break not in a loop' }],
  ['return 1\n', { fails: 'return statement not within a function' }],
]);

testRows('def', [
  ['def f(x):\n  return x, 1\nresult = f(2)', '(2, 1)'],
  ['def f():\n  pass\nresult = f()', 'None'],
  ['def f():\n  return\nresult = f()', 'None'],
  ['def f(x=[]):\n  x.append(1)\n  return x\nf()\nresult = f()', '[1, 1]'],
  ['def fact(n): return 1 if n < 2 else n * fact(n - 1)\nresult = fact(25)', '15511210043330985984000000'],
  ['def f():\n  def g():\n    return h() + 1\n  def h():\n    return 1\n  return g()\nresult = f()', '2'],
  ['def f(): return 1\nresult = str(f)', '"<function f>"'],
  ['def f(a, a): pass', { fails: 'duplicate parameter: a' }],
  ['def f(a=1, b): pass', { fails: 'required parameter may not follow optional' }],
  ['def f(**k, a): pass', { fails: 'parameter may not follow **kwargs' }],
  ['def f(*a, *b): pass', { fails: '* parameter may not follow * parameter' }],
  ['def f(*): pass', { fails: 'bare * must be followed by keyword-only parameters' }],
  ['def f(a, *args, b, **kw): return (a, args, b, kw)\nresult = f(1, 2, b=3, c=4)', '(1, (2,), 3, {"c": 4})'],
]);

testRows('names', [
  ['x = 1\nx = 2\nresult = x', '2'],
  ['def f():\n  return y\ny = 3\nresult = f()', '3'],
  ['def f():\n  return g\nf()\ng = 1', { fails: 'global variable g referenced before assignment' }],
  ['def f():\n  x = x + 1\nx = 1\nf()', { fails: 'local variable x referenced before assignment' }],
  ['z += 1', { fails: 'global variable z referenced before assignment' }],
  ['list = 5\nresult = list', '5'],
  ['x = tuple\ntuple = 1', { fails: 'global variable tuple referenced before assignment' }],
  ['result = lenn([])', { fails: 'test.star:2:10: undefined: lenn (did you mean len?)' }],
  ['def f():\n  n = 0\n  def g():\n    return n\n  n = 5\n  return g()\nresult = f()', '5'],
  [
    'def f():\n  def g():\n    return n\n  g()\n  n = 1\nf()',
    { fails: 'local variable n referenced before assignment' },
  ],
  ['def outer(x):\n  return lambda y: lambda z: x + y + z\nresult = outer(1)(2)(3)', '6'],
  ['def f(x):\n  def g(): return x\n  x = x + 1\n  return g()\nresult = f(1)', '2'],
  [
    'def f():\n  c = [0]\n  def inc():\n    c[0] += 1\n    return c[0]\n  return inc\na, b = f(), f()\na()\nresult = (a(), b())',
    '(2, 1)',
  ],
]);

testRows('load', [
  ['load("encoding/json.star", "json")\nresult = json.encode(1)', '"1"'],
  ['load("encoding/json.star", j="json")\nresult = type(j)', '"module"'],
  ['load("nothing.star", "x")', { fails: 'cannot load nothing.star: there is no such module; there are ' }],
  ['load("math.star", "maths")', { fails: 'load: name maths not found in module math.star (did you mean math?)' }],
  ['load("math.star")', { fails: 'load statement must import at least 1 symbol' }],
  ['load("math.star", "_x")', { fails: 'names with leading underscores are not exported' }],
  ['load(1, "x")', { fails: 'first operand of load statement must be a string literal' }],
  ['load("math.star", 1)', { fails: 'load operand must be "name" or localname="name"' }],
  ['def f():\n  load("math.star", "math")', { fails: 'load statement within a function' }],
  ['if True:\n  load("math.star", "math")', { fails: 'load statement within a conditional or a loop' }],
  ['load("math.star", "math")\nmath.pi = 3', { fails: "can't assign to .pi field of module" }],
]);

testRows('what the grammar refuses', [
  ['x = \n', { fails: 'test.star:2:5: got newline, want primary expression' }],
  ['def f()\n  pass', { fails: "got newline, want ':'" }],
  ['for x\n', { fails: 'got newline, want in' }],
  ['x = [1, 2', { fails: "got end of file, want ']'" }],
  ['x = {1}\n', { fails: "got '}', want ':'" }],
  ['x = lambda\n', { fails: 'got newline' }],
  ['x = 1 2\n', { fails: 'got int literal, want newline' }],
  ['x = f"a"\n', { fails: 'got string literal, want newline' }],
  ['x = 2 ** 3\n', { fails: "got '**', want newline" }],
  ['import x\n', { fails: 'import is a reserved word' }],
  ['x = yield\n', { fails: 'yield is a reserved word' }],
]);
