import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ProgramOutcome, runSource } from '../testing/starlark-programs.ts';

const limits = { maxSteps: 20_000, maxMemory: 1024 * 1024, maxCallDepth: 50 };

/** How many programs are tried. */
function runs(usual: number): number {
  return Number(process.env['FUZZ_RUNS'] ?? usual);
}

/** Pieces that programs are made of. */
const pieces =
  'x y f self 0 1 -1 2.5 1e9 "a" \'b\' b"c" None True ( ) [ ] { } , : . ; = == != < > + - * / // % & | ^ ~ << >> ** += |= and or not in if elif else for while def return break continue pass lambda load len range sorted set dict list str repr print fail append items keys join format split "%s%d" "{}" "encoding/json.star" \\ # @ ! $ é 😿 """ \''.split(
    ' ',
  );

const statement = fc.oneof(
  fc.constantFrom(
    'x = [1, 2, 3]',
    'y = {"a": x, 1: (2,)}',
    'def f(a, b=1, *c, **d):\n  return (a, b, c, d)',
    'for i in range(3):\n  x = [x, i]',
  ),
  fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join(' ')),
);

/** Texts of any characters. */
const characters = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 127 }), fc.integer({ min: 0, max: 0x10ffff })), { maxLength: 60 })
  .map((codes) => String.fromCodePoint(...codes).toWellFormed());

/** Whatever happens, the run ends with a result or an error of the language. */
function ends(outcome: ProgramOutcome): void {
  if (outcome.error === undefined) return;
  expect(outcome.error.message).not.toBe('');
  expect(outcome.error.message.length).toBeLessThan(2_000_000);
}

describe('no program can do harm', () => {
  it("made of the language's pieces", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('', '  ', '\t'), statement), { maxLength: 8 }), (lines) => {
        ends(runSource(lines.map(([indent, text]) => indent + text).join('\n'), limits));
      }),
      { numRuns: runs(1500) },
    );
  });

  it('made of any characters', () => {
    fc.assert(
      fc.property(characters, (source) => ends(runSource(source, limits))),
      { numRuns: runs(500) },
    );
  });

  it('that calls any method on any value with any values', () => {
    const value = fc.constantFrom(
      'None',
      'True',
      '0',
      '-3',
      '1 << 70',
      '1.5',
      'float("nan")',
      '""',
      '"a,b c"',
      '"é😿"',
      'b"x"',
      '[]',
      '[3, 1]',
      '()',
      '(1, "a")',
      '{}',
      '{"a": 1}',
      'set([1])',
      'range(5)',
      'len',
      '"ab".elems()',
    );
    const program = fc
      .tuple(value, fc.nat(60), fc.array(value, { maxLength: 3 }))
      .map(
        ([receiver, index, args]) =>
          `x = ${receiver}\nnames = dir(x)\nif names:\n  result = getattr(x, names[${index} % len(names)])(${args.join(', ')})\n  repr(result)\n`,
      );
    fc.assert(
      fc.property(program, (source) => ends(runSource(source, limits))),
      { numRuns: runs(1500) },
    );
  });

  it('that applies any operator or function to any values', () => {
    const value = fc.constantFrom(
      'None',
      'True',
      '0',
      '-3',
      '7',
      '1 << 70',
      '-1.5',
      'float("inf")',
      '""',
      '"%s"',
      '"%d%%"',
      'b"x"',
      '[1]',
      '(1,)',
      '{"a": 1}',
      'set([1])',
      'range(5)',
      'len',
    );
    const operation = fc.oneof(
      fc
        .constantFrom('+', '-', '*', '/', '//', '%', '&', '|', '^', '<<', '>>', '<', '>=', '==', 'in', 'not in', 'and')
        .map((operator) => (a: string, b: string) => `(${a}) ${operator} (${b})`),
      fc
        .constantFrom(
          'min',
          'max',
          'zip',
          'getattr',
          'dict',
          'int',
          'range',
          'sorted',
          'enumerate',
          'print',
          'hasattr',
          'chr',
          'ord',
          'bytes',
          'float',
          'reversed',
          'hash',
          'str',
          'tuple',
          'any',
        )
        .map((name) => (a: string, b: string) => `${name}(${a}, ${b})`),
      fc
        .constantFrom('[%:]', '[%]', '[::%]', '[:%:-1]')
        .map((form) => (a: string, b: string) => `(${a})${form.replace('%', b)}`),
    );
    fc.assert(
      fc.property(operation, value, value, (write, a, b) => ends(runSource(`result = repr(${write(a, b)})`, limits))),
      { numRuns: runs(2000) },
    );
  });
});
