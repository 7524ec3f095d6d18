import { testRows } from '../../testing/starlark-programs.ts';

testRows('arithmetic of ints', [
  ['7 // 2, -7 // 2, 7 // -2, -7 // -2', '(3, -4, -4, 3)'],
  ['7 % 2, -7 % 2, 7 % -2, -7 % -2', '(1, 1, -1, -1)'],
  ['7 / 2, 6 / 2', '(3.5, 3.0)'],
  ['9007199254740991 + 1, 9007199254740991 + 2', '(9007199254740992, 9007199254740993)'],
  ['9007199254740993 - 9007199254740992', '1'],
  ['123456789 * 987654321 * 1000003', '121932996910528606905807'],
  ['-(1 << 64), ~5, ~-1, +3', '(-18446744073709551616, -6, 0, 3)'],
  ['(1 << 64) // -3, (1 << 64) % -3', '(-6148914691236517206, -2)'],
  ['9007199254740991 // 2, -9007199254740991 // 2', '(4503599627370495, -4503599627370496)'],
  ['0 * -1, -0, 0 // -5, 0 % -5', '(0, 0, 0, 0)'],
  ['6 & 3, 6 | 3, 6 ^ 3', '(2, 7, 5)'],
  ['(1 << 40) & -1, -1 | (1 << 40), (1 << 40) ^ 1', '(1099511627776, -1, 1099511627777)'],
  ['1 << 5, 1 << 100 >> 98, -5 >> 1, 7 >> 1000', '(32, 4, -3, 0)'],
  ['1 << 512', { fails: 'shift count too large: 512' }],
  ['1 << -1', { fails: 'negative shift count: -1' }],
  ['1 // 0', { fails: 'floored division by zero' }],
  ['1 % 0', { fails: 'integer modulo by zero' }],
  ['1 / 0', { fails: 'floating-point division by zero' }],
  ['1 + "a"', { fails: 'unknown binary op: int + string' }],
  ['None * 2', { fails: 'unknown binary op: NoneType * int' }],
  ['True + 1', { fails: 'unknown binary op: bool + int' }],
  ['-"a"', { fails: 'unknown unary op: -string' }],
  ['~1.5', { fails: 'unknown unary op: ~float' }],
]);

testRows('arithmetic of floats', [
  ['1.5 + 1, 2 - 0.5, 3 * 0.5, 1 / 4.0', '(2.5, 1.5, 1.5, 0.25)'],
  ['7.5 // 2, -7.5 // 2, 7.5 % 2, -7.5 % 2, 7.5 % -2', '(3.0, -4.0, 1.5, 0.5, -0.5)'],
  ['type(5 // 4.0), type(5 // 4)', '("float", "int")'],
  ['1.5 // 0', { fails: 'floored division by zero' }],
  ['1.5 % 0.0', { fails: 'floating-point modulo by zero' }],
  ['1.0 & 1', { fails: 'unknown binary op: float & int' }],
  ['(1 << 500 << 500 << 500) + 0.0', { fails: 'int too large to convert to float' }],
]);

testRows('text of floats', [
  ['0.0, -0.0, 1.0, 123.0, 0.1', '(0.0, -0.0, 1.0, 123.0, 0.1)'],
  ['100000.0, 1e6, 123456.75, 1234567.0', '(100000.0, 1e+06, 123456.75, 1.234567e+06)'],
  ['0.0001, 0.00001, 1.23e45, -1.23e-45', '(0.0001, 1e-05, 1.23e+45, -1.23e-45)'],
  ['float("nan"), float("inf"), float("-Infinity")', '(nan, +inf, -inf)'],
  ['10 / 3', '3.3333333333333335'],
]);

testRows('numbers compared', [
  ['1 == 1.0, 0 == -0.0, 1 == True, 0.0 == False', '(True, True, False, False)'],
  ['(1 << 53) + 1 == 9007199254740992.0', 'False'],
  ['1.23e45 == 1229999999999999973814869011019624571608236032', 'True'],
  ['1.23e45 < 1229999999999999973814869011019624571608236033', 'True'],
  ['float("nan") == float("nan"), float("nan") > float("inf")', '(True, True)'],
  ['sorted([3, float("nan"), 1, float("-inf")])', '[-inf, 1, 3, nan]'],
  ['{1: "a"}[1.0], {1.0: "b"}[1]', '("a", "b")'],
  ['1 < "a"', { fails: 'int < string not implemented' }],
  ['None < None', { fails: 'NoneType < NoneType not implemented' }],
  ['1 < True', { fails: 'int < bool not implemented' }],
  ['False < True', 'True'],
]);

testRows('int', [
  ['int(3), int(True), int(-3.9), int(1e20)', '(3, 1, -3, 100000000000000000000)'],
  ['int()', { fails: 'int: missing argument for x' }],
  ['int("10"), int("-10"), int("+7"), int("ff", 16), int("0xff", 16)', '(10, -10, 7, 255, 255)'],
  ['int("0b101", 0), int("0o17", 0), int("z", 36), int("1010", 2)', '(5, 15, 35, 10)'],
  ['int("123456789012345678901")', '123456789012345678901'],
  ['int("1.5")', { fails: 'int: invalid literal with base 10: 1.5' }],
  ['int("")', { fails: 'int: invalid literal with base 10: ' }],
  ['int("019", 0)', { fails: 'invalid literal with base 0' }],
  ['int("9", 8)', { fails: 'invalid literal with base 8: 9' }],
  ['int("1", 1)', { fails: 'invalid base 1' }],
  ['int(1, 10)', { fails: "can't convert non-string with explicit base" }],
  ['int(None)', { fails: 'cannot convert NoneType to int' }],
  ['int(float("nan"))', { fails: 'cannot convert float NaN to integer' }],
]);

testRows('float and abs', [
  ['float(), float(True), float(3), float(" 1".strip()), float("1e3")', '(0.0, 1.0, 3.0, 1.0, 1000.0)'],
  ['float("1.2.3")', { fails: 'invalid float literal: 1.2.3' }],
  ['float("1e1000")', { fails: 'floating-point number too large' }],
  ['float([])', { fails: 'float: got list, want number or string' }],
  ['abs(-3), abs(-2.5), abs(-(1 << 70))', '(3, 2.5, 1180591620717411303424)'],
  ['abs("a")', { fails: 'abs: got string, want int or float' }],
]);
