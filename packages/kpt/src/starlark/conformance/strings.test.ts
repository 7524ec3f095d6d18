import { testRows } from '../../testing/starlark-programs.ts';

testRows('strings as sequences', [
  ['len("abc"), len(""), len("é"), len("世界")', '(3, 0, 1, 2)'],
  ['"abc"[0], "abc"[-1]', '("a", "c")'],
  ['"abc"[3]', { fails: 'index 3 out of range: string has length 3' }],
  ['"abc"["a"]', { fails: 'string index: got string, want int' }],
  ['"abcdef"[1:3], "abcdef"[:-1], "abcdef"[::2], "abcdef"[::-1]', '("bc", "abcde", "ace", "fedcba")'],
  ['"banana"[7::-2], "banana"[4::-2], "abc"[5:], "abc"[2:1]', '("aaa", "nnb", "", "")'],
  ['"abc"[::0]', { fails: 'zero is not a valid slice step' }],
  ['"abc"[1.0:]', { fails: 'invalid start index: got float, want int' }],
  ['"oo" in "food", "x" not in "food", "" in ""', '(True, True, True)'],
  ['1 in "a"', { fails: "'in <string>' requires string as left operand, not int" }],
  ['"ab" * 3, 0 * "ab", "ab" * -1', '("ababab", "", "")'],
  ['"a" < "b", "a" < "ab", "" < "a", "Z" < "a"', '(True, True, True, True)'],
  ['"\\uffff" < "\\U00010000"', 'True'],
  ['for x in "abc":\n  pass', { fails: 'string value is not iterable' }],
  ['list("abc")', { fails: 'list: for parameter x: got string, want iterable' }],
  ['x = "abc"\nx[0] = "z"', { fails: 'string value does not support item assignment' }],
]);

testRows('elements of strings', [
  ['list("ab".elems()), list("aé".elem_ords())', '(["a", "b"], [97, 233])'],
  ['list("a😿".codepoints()), list("a😿".codepoint_ords())', '(["a", "😿"], [97, 128575])'],
  ['"ab".elems(), type("ab".elems()), type("ab".codepoints())', '("ab".elems(), "string.elems", "string.codepoints")'],
  ['ord("A"), ord("😿"), chr(65), chr(0x1F63F)', '(65, 128575, "A", "😿")'],
  ['ord("ab")', { fails: 'ord: string encodes 2 Unicode code points, want 1' }],
  ['chr(-1)', { fails: 'Unicode code point -1 out of range (<0)' }],
  ['chr(0x110000)', { fails: 'Unicode code point U+110000 out of range (>0x10FFFF)' }],
]);

testRows('letters', [
  ['"hElLo wOrld".capitalize(), "hElLo wOrld".title()', '("Hello world", "Hello World")'],
  ['"É".lower(), "é".upper()', '("é", "É")'],
  [
    '[getattr("abc1", "is" + n)() for n in ["alnum", "alpha", "digit", "lower", "space", "title", "upper"]]',
    '[True, False, False, True, False, False, False]',
  ],
  ['"Hello, World!".istitle(), "HAL-9000".istitle(), "Catch-22".istitle()', '(True, False, True)'],
  ['"HAL-9000".isupper(), "123".islower(), "".isalpha(), " \\t\\n".isspace()', '(True, False, False, True)'],
]);

testRows('searching', [
  ['"bonbon".find("on"), "bonbon".find("on", 2), "bonbon".find("on", 2, 5), "bonbon".rfind("on")', '(1, 4, -1, 4)'],
  ['"bonbon".find(""), "bonbon".rfind(""), "bonbon".find("x")', '(0, 6, -1)'],
  ['"bonbon".index("on"), "bonbon".rindex("on")', '(1, 4)'],
  ['"bonbon".index("x")', { fails: 'index: substring not found' }],
  ['"banana".count("a"), "banana".count("a", 2), "banana".count("a", -4, -2), "abc".count("")', '(3, 2, 1, 4)'],
  ['"foo".startswith("fo"), "foo".endswith(("x", "oo")), "abc".startswith("bc", 1)', '(True, True, True)'],
  ['"foo".startswith(1)', { fails: 'startswith: got int, want string or tuple of string' }],
  ['"foo".endswith((1,))', { fails: 'want string, got int, for element 0' }],
  [
    '"banana".replace("a", "o", -1), "banana".replace("a", "o", 0), "banana".replace("ana", ""), "ab".replace("", "-", 2), "😿".replace("", "-")',
    '("bonono", "banana", "bna", "-a-b", "-😿-")',
  ],
  ['"banana".replace("a", "o"), "banana".replace("a", "o", 1), "ab".replace("", "-")', '("bonono", "bonana", "-a-b-")'],
]);

testRows('cutting', [
  [
    '"a.b.c".split("."), "a.b.c".split(".", 1), "a.b.c".rsplit(".", 1)',
    '(["a", "b", "c"], ["a", "b.c"], ["a.b", "c"])',
  ],
  ['"a.b".split(".", 0), "".split("."), "".split()', '(["a.b"], [""], [])'],
  [
    '" a  b c ".split(), " a  b c ".split(None, 1), " a  b c ".rsplit(None, 1)',
    '(["a", "b", "c"], ["a", "b c "], [" a  b", "c"])',
  ],
  ['"--a--b--".split("-", 1), "--a--b--".rsplit("-", 1)', '(["", "-a--b--"], ["--a--b-", ""])'],
  ['"  a  b  ".rsplit(None, 0), "  a  b  ".split(None, 0)', '(["  a  b"], ["a  b  "])'],
  [
    '"aXXbXXXc".split("XX"), "aXXbXXXc".rsplit("XX", 1), "XX".split("XX")',
    '(["a", "b", "Xc"], ["aXXb", "Xc"], ["", ""])',
  ],
  [
    '" a b ".rsplit(None, 5), " a b ".split(None, 5), "   ".split(), "   ".rsplit(None, 1)',
    '(["a", "b"], ["a", "b"], [], [])',
  ],
  ['"a\\rb\\n\\r\\nc".splitlines(True), "".splitlines()', '(["a\\r", "b\\n", "\\r\\n", "c"], [])'],
  ['"a".split("")', { fails: 'split: empty separator' }],
  ['"a\\nb\\r\\nc\\n".splitlines(), "a\\n\\nb".splitlines(True)', '(["a", "b", "c"], ["a\\n", "\\n", "b"])'],
  [
    '"a/b/c".partition("/"), "a/b/c".rpartition("/"), "abc".partition("/")',
    '(("a", "/", "b/c"), ("a/b", "/", "c"), ("abc", "", ""))',
  ],
  ['"  x ".strip(), "  x ".lstrip(), "  x ".rstrip(), "xxaxx".strip("x")', '("x", "x ", "  x", "a")'],
  ['"banana".removeprefix("ban"), "banana".removesuffix("na"), "a".removesuffix("")', '("ana", "bana", "a")'],
  ['", ".join(["a", "b"]), "-".join(())', '("a, b", "")'],
  ['",".join(["a", 1])', { fails: 'join: for parameter iterable at index 1: got int, want string' }],
]);

testRows('format', [
  ['"a{}b{}".format(1, "x"), "{1} {0}".format("a", "b"), "{x}{y}".format(x=1, y=2)', '("a1bx", "b a", "12")'],
  ['"{{}} {!r} {!s}".format("a", "b")', '"{} \\"a\\" b"'],
  ['"{}{}".format(1)', { fails: 'format: tuple index out of range' }],
  ['"{}{1}".format(1, 2)', { fails: 'cannot switch from automatic field numbering to manual field specification' }],
  ['"{a}".format(b=1)', { fails: 'keyword a not found' }],
  ['"{x.y}".format(x=1)', { fails: 'attribute syntax x.y is not supported' }],
  ['"{x[0]}".format(x=1)', { fails: 'element syntax a[i] is not supported' }],
  ['"{".format()', { fails: "unmatched '{' in format" }],
  ['"}".format()', { fails: "single '}' in format" }],
  ['"{ {} }".format(1)', { fails: 'nested replacement fields not supported' }],
  ['"{!x}".format(1)', { fails: 'unknown conversion "x"' }],
  ['"{:>3}".format(1)', { fails: 'format spec features not supported' }],
]);

testRows('the % operator', [
  ['"%s %r %d %i" % ("a", "b", 3, 4.9)', '"a \\"b\\" 3 4"'],
  ['"%x %X %o" % (255, 255, 8)', '"ff FF 10"'],
  ['"%c%c" % (65, "é")', '"Aé"'],
  ['"%e %f %g" % (1234.5, 1234.5, 1234.5)', '"1.234500e+03 1234.500000 1234.5"'],
  ['"%f" % 1.23e45', '"1229999999999999973814869011019624571608236032.000000"'],
  ['"100%% %s" % 1', '"100% 1"'],
  ['"%(a)s-%(b)d" % {"a": 1, "b": 2}', '"1-2"'],
  ['"%s" % [1, 2]', '"[1, 2]"'],
  ['"%d %d" % 1', { fails: 'not enough arguments for format string' }],
  ['"%d" % (1, 2)', { fails: 'too many arguments for format string' }],
  ['"%d" % "x"', { fails: '%d format requires integer: cannot convert string to int' }],
  ['"%d" % True', { fails: '%d format requires integer: cannot convert bool to int' }],
  ['"a".splitlines(1)', { fails: 'splitlines: for parameter keepends: got int, want bool' }],
  ['"%y" % 1', { fails: 'unknown conversion %y' }],
  ['"%" % 1', { fails: 'incomplete format' }],
  ['"%(a)s" % {}', { fails: 'key not found: a' }],
  ['"%(a)s" % 1', { fails: 'format requires a mapping' }],
]);

testRows('bytes', [
  ['bytes("é"), bytes([65, 66]), bytes(b"x"), len(bytes("世"))', '(b"é", b"AB", b"x", 3)'],
  ['b"abc"[1], b"abc"[1:], b"abc"[::2], b"ab" + b"c", b"ab" * 2', '(b"b", b"bc", b"ac", b"abc", b"abab")'],
  ['b"bc" in b"abcd", 97 in b"abc", b"a" < b"b", b"a" == b"a", b"a" == "a"', '(True, True, True, True, False)'],
  ['list(b"ab".elems()), b"ab".elems(), ord(b"a")', '([97, 98], b"ab".elems(), 97)'],
  ['str(bytes("é")), str(b"\\xff")', '("é", "�")'],
  ['{b"a": 1}[b"a"], hash(b"a"), hash("abc")', '(1, 3826002220, 96354)'],
  ['bytes([256])', { fails: 'bytes: at index 0, 256 out of range' }],
  ['bytes(1)', { fails: 'bytes: got int, want string, bytes, or iterable of ints' }],
  ['"a" in b"a"', { fails: "'in bytes' requires bytes or int as left operand, not string" }],
  ['hash(1)', { fails: 'hash: got int, want string or bytes' }],
]);
