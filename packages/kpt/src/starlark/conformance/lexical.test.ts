import { testRows } from '../../testing/starlark-programs.ts';

testRows('integer literals', [
  ['0', '0'],
  ['0x7F', '127'],
  ['0XfF', '255'],
  ['0o755', '493'],
  ['0b1011', '11'],
  ['9007199254740993', '9007199254740993'],
  ['123456789012345678901234567890', '123456789012345678901234567890'],
  ['00', '0'],
  ['0755', { fails: 'obsolete form of octal literal; use 0o755' }],
  ['0x', { fails: 'invalid hex literal' }],
  ['0o9', { fails: 'invalid octal literal' }],
  ['0b2', { fails: 'invalid binary literal' }],
]);

testRows('float literals', [
  ['0.', '0.0'],
  ['.5', '0.5'],
  ['1e10', '1e+10'],
  ['1E+3', '1000.0'],
  ['1.5e-10', '1.5e-10'],
  ['1e400', { fails: 'floating-point literal too large' }],
  ['1e', { fails: 'invalid float literal' }],
]);

testRows('string literals', [
  [`'single' + "double"`, '"singledouble"'],
  [`result = '''a\nb'''`, '"a\\nb"'],
  ['"""say "hi" """', '"say \\"hi\\" "'],
  [String.raw`"\a\b\f\n\r\t\v\\\'\""`, String.raw`"\a\b\f\n\r\t\v\\'\""`],
  [String.raw`"\101\x41\u0041\U0001F63F"`, '"AAA😿"'],
  [String.raw`r"\n\"x"`, String.raw`"\\n\\\"x"`],
  [String.raw`R'\d'`, String.raw`"\\d"`],
  ['result = "a\\\nb"', '"ab"'],
  ['"\\0"', '"\\x00"'],
  [String.raw`"\q"`, { fails: String.raw`invalid escape sequence \q` }],
  [String.raw`"\xff"`, { fails: String.raw`non-ASCII escape \xff in a string (use \u00ff)` }],
  [String.raw`"\ud800"`, { fails: 'invalid Unicode code point' }],
  [String.raw`"\u12"`, { fails: 'truncated escape sequence' }],
  ['"abc', { fails: 'test.star:2:11: unexpected newline in string' }],
  ["'''abc", { fails: 'unexpected EOF in string' }],
]);

testRows('bytes literals', [
  ['b"abc"', 'b"abc"'],
  [String.raw`b"\xff\x00\u00e9"`, String.raw`b"\xff\x00é"`],
  [String.raw`rb"\n"`, String.raw`b"\\n"`],
  [String.raw`br'\n'`, String.raw`b"\\n"`],
  ['b"é"', 'b"é"'],
]);

testRows('lines, indentation and comments', [
  ['result = [1, # one\n  2,\n\n]  # two', '[1, 2]'],
  ['result = 1 + \\\n  2', '3'],
  ['x = 1; result = x + 1;', '2'],
  ['def f():\n\treturn 1\nresult = f()', '1'],
  ['def f():\n    # only a comment\n\n    return 1\n  # odd comment\nresult = f()', '1'],
  ['if True:\r\n  result = 1\r\nelse:\r\n  result = 2\r\n', '1'],
  ['def f(): pass; return 3\nresult = f()', '3'],
  [
    'if True:\n    result = 1\n  x = 2',
    { fails: 'test.star:4:3: unindent does not match any outer indentation level' },
  ],
  ['  result = 1\n', { fails: 'got indent, want primary expression' }],
  ['if True:\nx = 1', { fails: 'got identifier, want indent' }],
  ['result = 1 $ 2', { fails: 'unexpected input character "$"' }],
  ['result = (1, 2', { fails: "got end of file, want ')'" }],
  ['result = 1)', { fails: "unexpected ')'" }],
]);

testRows('keywords', [
  ['x = 1\nclass = 2', { fails: 'class is a reserved word' }],
  ['x = None\nand = 2', { fails: 'got and, want primary expression' }],
  ['pass\nresult = 1', '1'],
  ['_x1é = 2\nresult = _x1é', '2'],
]);
