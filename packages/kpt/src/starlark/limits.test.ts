import { describe, expect, it } from 'vitest';
import { runSource } from '../testing/starlark-programs.ts';
import { StarlarkLimitError } from './errors.ts';
import { runProgram } from './run-program.ts';

const limits = { maxSteps: 2_000_000, maxMemory: 16 * 1024 * 1024 };

/** Programs that would take too long or too much; each must end with a limit. */
const greedy: readonly (readonly [name: string, source: string])[] = [
  ['an endless loop', 'while True:\n  pass'],
  ['a long loop over a range', 'for i in range(0x7fffffff):\n  pass'],
  ['nested comprehensions', '[0 for a in range(9999) for b in range(9999) for c in range(9999)]'],
  ['a filter that lets nothing through', '[0 for a in range(0x7fffffff) if False]'],
  ['a repeated string', '"x" * (1 << 40)'],
  ['a string repeated beyond numbers', '"x" * (1 << 400)'],
  ['a repeated list', '[0] * (1 << 30)'],
  ['a list that doubles', 'x = [0]\nfor i in range(100):\n  x = x + x'],
  ['a list that extends itself', 'x = [0]\nfor i in range(100):\n  x += x'],
  ['a string that doubles', 'x = "a"\nfor i in range(100):\n  x += x'],
  ['a string formatted from itself', 'x = "a"\nfor i in range(100):\n  x = "%s%s" % (x, x)'],
  ['a string replaced from itself', 'x = "a"\nfor i in range(100):\n  x = x.replace("a", "aa")'],
  ['a string joined from itself', 'x = "a"\nfor i in range(100):\n  x = x.join([x, x, x])'],
  ['a list of a huge range', 'list(range(0x7fffffff))'],
  ['a sum over a huge range', 'sorted(range(0x7fffffff))'],
  ['an int that squares itself', 'x = 3\nfor i in range(100):\n  x = x * x'],
  ['an int from too many digits', 'int("9" * 1000000)'],
  ['huge ints that are divided', 'x = 3\nfor i in range(17):\n  x = x * x\ny = [x // i for i in range(1, 100000)]'],
  ['huge ints that are negated', 'x = 3\nfor i in range(17):\n  x = x * x\ny = [~-x for i in range(1, 1000000)]'],
  [
    'huge ints, as keys of YAML',
    'load("encoding/yaml.star", "yaml")\nx = 3\nfor i in range(17):\n  x = x * x\nyaml.dumps({x + i: x for i in range(100)})',
  ],
  ['a growing shift', 'x = 1\nfor i in range(100000):\n  x = x << 500'],
  ['values that share values, printed', 'x = []\nfor i in range(60):\n  x = [x, x]\nstr(x)'],
  ['values that share values, compared', 'x, y = [], []\nfor i in range(60):\n  x, y = [x, x], [y, y]\nx == y'],
  ['values that share values, hashed', 'x = ()\nfor i in range(60):\n  x = (x, x)\n{x: 1}'],
  [
    'values that share values, as JSON',
    'load("encoding/json.star", "json")\nx = []\nfor i in range(60):\n  x = [x, x]\njson.encode(x)',
  ],
  [
    'values that share values, as YAML',
    'load("encoding/yaml.star", "yaml")\nx = []\nfor i in range(60):\n  x = [x, x]\nyaml.dumps(x)',
  ],
  [
    'aliases of aliases',
    `load("encoding/yaml.star", "yaml")\nyaml.loads("a0: &a0 [x]\\n" + "".join(["a%d: &a%d [*a%d, *a%d]\\n" % (i, i, i - 1, i - 1) for i in range(1, 40)]))`,
  ],
  ['equal texts, compared', 'x, y = "a" * 1000000, "a" * 1000000\nfor i in range(100000):\n  x == y'],
  [
    'texts that differ at their end, compared',
    'x, y = "a" * 1000000 + "b", "a" * 1000000 + "c"\nfor i in range(100000):\n  x < y',
  ],
  ['equal bytes, compared', 'x, y = bytes("a" * 1000000), bytes("a" * 1000000)\nfor i in range(100000):\n  x == y'],
  ['bytes in order', 'x, y = bytes("a" * 1000000), bytes("a" * 1000000)\nfor i in range(100000):\n  x < y'],
  [
    'bytes in bytes',
    'x, y = bytes("a" * 1000000), bytes("a" * 1000 + "b" + "a" * 1000)\nfor i in range(100000):\n  y in x',
  ],
  ['sets within sets', 'x = set(range(10000))\nfor i in range(1000000):\n  x <= x'],
  ['dicts that hold nothing', 'x = [{} for i in range(1000000)]'],
  ['floats', 'x = [i * 1.5 for i in range(1000000)]'],
  ['methods', 'x = ["".upper for i in range(1000000)]'],
  ['a recursion', 'def f(n):\n  return f(n + 1)\nf(0)'],
  ['a recursion through a built-in function', 'def f(n):\n  return sorted([n], key=f)\nf(0)'],
  ['a recursion of two', 'def f(n):\n  return [g(n)]\ndef g(n):\n  return {"a": f(n)}\nf(0)'],
  ['a deep list, printed', 'x = []\nfor i in range(100000):\n  x = [x]\nstr(x)'],
  ['a deep list, compared', 'x, y = [], []\nfor i in range(100000):\n  x, y = [x], [y]\nx == y'],
  ['a deep tuple, hashed', 'x = ()\nfor i in range(100000):\n  x = (x,)\n{x: 1}'],
  ['a deep JSON', 'load("encoding/json.star", "json")\njson.decode("[" * 100000)'],
  [
    'a heavy regular expression',
    'load("re.star", "re")\nfor i in range(1000):\n  re.findall("(a|b|ab)*c" * 10, "ab" * 10000)',
  ],
  ['expressions that repeat, compiled', 'load("re.star", "re")\nfor i in range(1000):\n  re.compile("a{1000}b{1000}")'],
  ['white space without words', 'x = " " * 1000000\nfor i in range(100000):\n  x.split()'],
  [
    'calendars of time zones',
    'load("time.star", "time")\nt = time.from_timestamp(0).in_location("Europe/Berlin")\nwhile True:\n  t += time.hour\n  t.year',
  ],
  ['names of time zones', 'load("time.star", "time")\nwhile True:\n  time.is_valid_timezone("Europe/Berlin")'],
  ['prints without end', 'while True:\n  print("x" * 1000)'],
];

describe('limits', () => {
  it.each(greedy)('end %s', (_, source) => {
    const { error } = runSource(source, limits);
    expect(error).toBeInstanceOf(StarlarkLimitError);
  });

  it('are said in the message', () => {
    expect(runSource('while True:\n  pass', { maxSteps: 1000 }).error?.message).toBe(
      'the program took more than 1000 steps',
    );
    expect(runSource('x = "a" * 5000', { maxMemory: 1000 }).error?.message).toBe(
      'the program took more than 1000 bytes of memory',
    );
    expect(runSource('x = [0] * 1000', { maxMemory: 10_000 }).error?.message).toBe(
      'the program took more than 10000 bytes of memory',
    );
    expect(runSource('x = [0] * 1000', { maxSteps: 900 }).error?.message).toBe('the program took more than 900 steps');
    const deep = (levels: number) => runSource(`x = []\nfor i in range(${levels}):\n  x = [x]\nresult = len(str(x))`);
    expect(deep(600).error?.message).toBe('values stand more than 500 levels deep in each other');
    expect(deep(400).result).toBe('802');
    expect(runSource('def f():\n  f()\nf()', { maxCallDepth: 10 }).error?.message).toBe(
      'more than 10 calls within each other: f',
    );
  });

  it('let a useful depth of recursion through', () => {
    const source = 'def depth(n):\n  return 0 if n == 0 else 1 + depth(n - 1)\nresult = depth(900)';
    expect(runSource(source).result).toBe('900');
  });

  it('leave source texts that are nested too deep to the parser', () => {
    for (const source of [
      `${'('.repeat(100_000)}1`,
      `x = ${'['.repeat(100_000)}`,
      `x = ${'-'.repeat(100_000)}1`,
      `x = ${'not '.repeat(100_000)}1`,
      `x = ${'1 + '.repeat(100_000)}1`,
      `x = y${'.a'.repeat(100_000)}`,
      `x = ${'lambda: '.repeat(100_000)}1`,
      `x = ${'1 if 1 else '.repeat(100_000)}1`,
      Array.from({ length: 2000 }, (_, depth) => `${' '.repeat(depth)}if True:`).join('\n'),
    ]) {
      expect(runSource(source).error?.message).toMatch(/nested more than|operators in a row/);
    }
  });

  it('let programs empty a dict from its start, and look for a long text in a longer one', () => {
    const source = 'd = {i: 0 for i in range(50000)}\nfor i in range(50000):\n  d.popitem()\nresult = d';
    expect(runSource(source, { maxSteps: 500_000 }).result).toBe('{}');
    const search = 'x = "a" * 20000\nresult = (x + "b" + x).replace("c", "") in "a" * 1000000';
    expect(runSource(search, { maxSteps: 3_000_000 }).result).toBe('False');
  });

  it('count the steps of a program the same each time', () => {
    const run = () => runProgram({ file: 'x', source: 'x = [i * i for i in range(1000)]\ny = sorted(x)' }).steps;
    expect(run()).toBe(run());
    expect(run()).toBeLessThan(20_000);
  });
});

describe('what a program leaves', () => {
  it('is frozen', () => {
    const { globals } = runProgram({ file: 'x', source: 'a = [[1], {"b": [2]}]\ndef f(x=[3]):\n  return x\n' });
    const source = 'def change():\n  a[1]["b"].append(1)\nchange()';
    const predeclared = () => ({ a: globals.get('a') ?? null, f: globals.get('f') ?? null });
    expect(() => runProgram({ file: 'x', source, predeclared })).toThrow('cannot append to frozen list');
    expect(() => runProgram({ file: 'x', source: 'f().append(1)', predeclared })).toThrow(
      'cannot append to frozen list',
    );
    expect(() => runProgram({ file: 'x', source: 'a[1]["c"] = 1', predeclared })).toThrow(
      'cannot insert into frozen hash table',
    );
  });

  it('does not include the host', () => {
    for (const name of [
      'process',
      'globalThis',
      'require',
      'constructor',
      '__proto__',
      'toString',
      'struct',
      'open',
      'eval',
    ]) {
      expect(runSource(`result = ${name}`).error?.message).toContain(`undefined: ${name}`);
    }
    for (const expression of [
      '"".constructor',
      '[].constructor',
      '{}.__proto__',
      'len.constructor',
      '{}.toString',
      '(1).valueOf',
    ]) {
      expect(runSource(`result = ${expression}`).error?.message).toContain('has no .');
    }
    expect(runSource('load("math.star", "constructor")').error?.message).toContain('not found in module');
    expect(runSource('load("constructor", "x")').error?.message).toContain('there is no such module');
    expect(
      runSource('d = {"__proto__": 1, "constructor": 2}\nresult = (d["__proto__"], "toString" in d, d)').result,
    ).toBe('(1, False, {"__proto__": 1, "constructor": 2})');
  });
});

it('says at once that a text of many digits is no number', () => {
  expect(runSource('float("0" * 1000000 + "x")').error?.message).toContain('invalid float literal');
});

it('end what keeps the places of very many groups', () => {
  const { error } = runSource('load("re.star", "re")\nre.compile("()" * 5000)');
  expect(error?.message).toContain('bytes of memory');
});
