import { testRows } from '../../testing/starlark-programs.ts';

testRows(
  'encoding/yaml.star',
  [
    [
      'yaml.loads("a: 1\\nb: [x, 1.0, null, true]\\nc:\\n  d: 12345678901234567890\\n")',
      '{"a": 1, "b": ["x", 1.0, None, True], "c": {"d": 12345678901234567890}}',
    ],
    ['yaml.loads("a: &x {k: 1}\\nb: *x\\n8: 0x10")', '{"a": {"k": 1}, "b": {"k": 1}, "8": 16}'],
    ['yaml.loads("")', 'None'],
    ['yaml.dumps({"b": [1, {"c": "d"}], "a": None})', String.raw`"a: null\nb:\n- 1\n- c: d\n"`],
    // What readers of YAML 1.1 take for something else, Kubernetes among them, is put in quotes.
    ['yaml.dumps(["yes", "0644", "1_000", "<<", "1e3", "plain"]).count("\\"")', '10'],
    ['yaml.dumps({"a": 1}, [2])', String.raw`"a: 1\n---\n- 2\n"`],
    ['yaml.loads("a: [")', { fails: 'yaml.loads: Flow sequence' }],
    ['yaml.loads("a: 1\\nb: 2\\na: 3")', { fails: 'yaml.loads: key "a" stands twice in one mapping at line 3' }],
    ['yaml.loads("[" * 2000 + "]" * 2000)', { fails: 'yaml.loads: mappings and sequences are nested more than 500' }],
    ['yaml.loads("a: &x {k: 1, l: 2}\\nb: {<<: *x, k: 3}")["b"]', '{"l": 2, "k": 3}'],
    ['yaml.loads("a: {<<: 1}")', { fails: 'the value of a merge key' }],
    ['yaml.loads("[0644, -017, 0, 08]")', '[420, -15, 0, 8]'],
    ['len(yaml.loads("\\n".join(["k%d: v" % i for i in range(50000)])))', '50000'],
    [
      '[text for text in [" \\n", "  a\\n", " \\na", "\\n\\ta", " a", "a\\n b", "\\u2028"] if [yaml.loads(yaml.dumps(x)) for x in (text, [text], {"k": text})] != [text, [text], {"k": text}]]',
      '[]',
    ],
    ['yaml.dumps("a\\n b"), yaml.dumps([]), yaml.dumps({"k": {}})', String.raw`("|-\na\n b\n", "[]\n", "k: {}\n")`],
    [
      'yaml.loads("a: 1\\n---\\nb: 2\\n")',
      { fails: 'there must be one document only, and another one begins at line 2' },
    ],
    ['yaml.dumps({"a": len})', { fails: 'a: a builtin_function_or_method cannot stand in a file' }],
    ['x = {}\nx["x"] = x\nyaml.dumps(x)', { fails: 'x: the dict holds itself' }],
  ],
  'load("encoding/yaml.star", "yaml")',
);

testRows(
  're.star',
  [
    ['re.findall("[a-c]+", "abcxcab"), re.findall("z", "a")', '(("abc", "cab"), ())'],
    [String.raw`re.match(r"(\w+)=(\d*)", "a=1 b=")`, '[("a=1", "a", "1"), ("b=", "b", "")]'],
    [
      're.split(" +", "a b  c"), re.split(",", "a,b,c", maxsplit=1), re.split("", "abc")',
      '(("a", "b", "c"), ("a", "b,c"), ("a", "b", "c"))',
    ],
    ['re.sub("(?P<n>[0-9])", "<$1$' + '{n}$$>", "a1b2"), re.sub("x", "y", "xxx", count=2)', '("a<11$>b<22$>", "yyx")'],
    [
      'p = re.compile("b+")\nresult = (p.findall("abbb"), p.sub("-", "abba"), p.split("abc"), p.match("b"), type(p))',
      '(("bbb",), "a-a", ("a", "c"), [("b",)], "pattern")',
    ],
    [
      're.search("b+", "abba"), re.search("z", "a"), re.search("", ""), re.compile("b").search("cab")',
      '([1, 3], None, [0, 0], [2, 3])',
    ],
    [
      're.findall(pattern="a", string="a", flags=0), re.sub(pattern="a", repl="b", string="ca", count=1), re.split("a", string="bab")',
      '(("a",), "cb", ("b", "b"))',
    ],
    ['re.compile(pattern="a", flags=0).match(string="a"), re.search(pattern="a", string="ba")', '([("a",)], [1, 2])'],
    ['re.sub("(?P<x>b)(c)?", "[$0|${x}|$2|$9|$$|$]", "abcb")', '"a[bc|b|c||$|$][b|b|||$|$]"'],
    [
      're.sub("x*", "-", "xaxbx"), re.findall("x*", "xaxbx"), re.split(" *", "ab  c"), re.sub(",? *", "", "a, b"), re.match("a*", "aab")',
      '("-a-b-", ("x", "x", "x"), ("a", "b", "c"), "ab", [("aa",), ("",)])',
    ],
    ['re.sub("x*", "-", "xaxbx", count=2), re.compile("a|").split("bab")', '("-a-bx", ("b", "b"))'],
    ['re.compile("(")', { fails: 're.compile: error parsing regexp' }],
    ['re.compile("(?=a)")', { fails: 're.compile: error parsing regexp' }],
    ['re.compile("a").foo', { fails: 'pattern has no .foo field or method' }],
    ['len(re.findall("(a+)+$", "a" * 5000 + "b"))', '0'],
  ],
  'load("re.star", "re")',
);

testRows(
  'math.star',
  [
    ['math.ceil(1.2), math.floor(-1.2), math.ceil(3), math.round(2.5), math.round(-2.5)', '(2, -2, 3, 3.0, -3.0)'],
    [
      'math.sqrt(16), math.pow(2, 10), math.fabs(-2), math.hypot(3, 4), math.mod(7, 3), math.remainder(7, 4)',
      '(4.0, 1024.0, 2.0, 5.0, 1.0, -1.0)',
    ],
    [
      'math.log(math.e), math.log(8, 2), math.exp(0), math.gamma(5), math.copysign(3, -0.0)',
      '(1.0, 3.0, 1.0, 24.0, -3.0)',
    ],
    ['math.degrees(math.pi), math.radians(180) == math.pi, math.sin(0), math.atan2(0, 1)', '(180.0, True, 0.0, 0.0)'],
    [
      'inf = float("inf")\nresult = (math.pow(1, float("nan")), math.pow(-1, inf), math.gamma(inf), math.gamma(-inf))',
      '(1.0, 1.0, +inf, nan)',
    ],
    [
      '[math.gamma(x) for x in [172, 180.5, 1e10, 1e308, -1e10 - 0.5]], 9.48e307 < math.gamma(171.5)',
      '([+inf, +inf, +inf, +inf, -0.0], True)',
    ],
    ['1e250 < math.gamma(145.5), math.gamma(145.5) < 1e252', '(True, True)'],
    ['{math: 1}', { fails: 'unhashable type: module' }],
    ['math.ceil(float("inf"))', { fails: 'cannot convert float infinity to integer' }],
    ['math.sqrt("4")', { fails: 'math.sqrt: got string, want float or int' }],
  ],
  'load("math.star", "math")',
);

testRows(
  'hash.star and encoding/base64.star',
  [
    [
      'hash.md5("hello world!"), hash.sha1("hello world!")',
      '("fc3ff98e8c6a0d3087d515c0473f8677", "430ce34d020724ed75a196dfc2ad67c77772d169")',
    ],
    ['hash.sha256("é")', '"4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"'],
    ['base64.encode("hello world!"), base64.decode("aGVsbG8gd29ybGQh")', '("aGVsbG8gd29ybGQh", "hello world!")'],
    [
      '[base64.encode("a?>", encoding=e) for e in ["standard", "standard_raw", "url", "url_raw"]]',
      '["YT8+", "YT8+", "YT8-", "YT8-"]',
    ],
    [
      '[base64.encode("a", encoding=e) for e in ["standard", "standard_raw", "url", "url_raw"]]',
      '["YQ==", "YQ", "YQ==", "YQ"]',
    ],
    [
      '[base64.decode(t, encoding=e) for t, e in [("YQ", "url_raw"), ("YT8-", "url"), ("YQ==", "standard")]]',
      '["a", "a?>", "a"]',
    ],
    ['base64.decode(data=base64.encode(data="a", encoding="url"), encoding="url")', '"a"'],
    ['base64.decode("a!")', { fails: 'base64.decode: the text is no base64 (standard)' }],
    ['base64.encode("a", "hex")', { fails: 'base64.encode: unknown encoding "hex"' }],
  ],
  'load("hash.star", "hash")\nload("encoding/base64.star", "base64")',
);

testRows(
  'encoding/csv.star',
  [
    [String.raw`csv.read_all("a,b\n1,\"x, \"\"y\"\"\n\"\n\n")`, String.raw`[["a", "b"], ["1", "x, \"y\"\n"]]`],
    [String.raw`csv.read_all("# c\na;b\n1;2\n", comma=";", comment="#", skip=1)`, '[["1", "2"]]'],
    [
      String.raw`csv.write_all([["a", 1], ["x,y", "q\"q"], [None, " s"]])`,
      String.raw`"a,1\n\"x,y\",\"q\"\"q\"\n,\" s\"\n"`,
    ],
    ['csv.write_dict_rows([{"b": 2, "a": 1}, {"a": 3}], header=["a", "b"])', String.raw`"a,b\n1,2\n3,\n"`],
    [String.raw`csv.read_all("a,b\n1\n")`, { fails: 'csv.read_all: line 2: wrong number of fields: 1, want 2' }],
    [String.raw`csv.read_all("a\"b")`, { fails: 'line 1: a quote stands in a field without quotes' }],
    [String.raw`csv.read_all("\"a")`, { fails: 'line 1: a quoted field does not end' }],
    [String.raw`csv.read_all("\"a\"b")`, { fails: 'line 1: text stands after the closing quote of a field' }],
    [String.raw`csv.read_all("a\"b,\"c\"d\"", lazy_quotes=True)`, String.raw`[["a\"b", "c\"d"]]`],
  ],
  'load("encoding/csv.star", "csv")',
);

testRows('libraries that are not available', [
  [
    'load("http.star", "http")\nhttp.get("https://example.com")',
    { fails: 'http.get is not available: programs have no access to the network' },
  ],
  [
    'load("bsoup.star", "bsoup")\nbsoup.parseHtml("")',
    { fails: 'bsoup.parseHtml is not available: this implementation does not include it' },
  ],
  ['load("zipfile.star", "ZipFile")\nZipFile("")', { fails: 'ZipFile is not available' }],
  ['load("geo.star", "geo")\nload("html.star", "html")\nload("xlsx.star", "xlsx")\nresult = geo', '<module "geo">'],
]);

testRows('modules are frozen', [
  [
    'load("math.star", "math")\nresult = (math, dir(math)[:3], type(math))',
    '(<module "math">, ["acos", "acosh", "asin"], "module")',
  ],
  ['load("math.star", "math")\nmath.sine', { fails: 'module has no .sine field or method (did you mean sin' }],
]);
