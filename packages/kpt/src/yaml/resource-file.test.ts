import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMap, isScalar, isSeq } from 'yaml';
import { countReads } from '../testing/count-reads.ts';
import { setKeyComment } from './key-comments.ts';
import { KrmObject } from './krm-object.ts';
import { parseResources, printFile, YamlSyntaxError } from './resource-file.ts';

/** Parses a file, changes its documents and prints it. */
function edit(text: string, change: (...objects: KrmObject[]) => void, path = 'a.yaml'): string {
  const documents = parseResources(path, text);
  change(...documents.map((document, index) => new KrmObject(document, path, index)));
  return printFile(path, documents);
}

const deployment = `# Licensed to nobody
apiVersion: apps/v1
kind: Deployment
metadata: # kpt-merge: shop/web
  name: "web"   # the name
  labels: {app: web} # flow
  # keep me

spec:
    replicas:   3
    template:
      spec:
        containers:
        - name: nginx # first
          image: 'nginx:1.14.2' # kpt-set: nginx:\${tag}
          args: [ "-c",  "x" ]
        # the second
        - name: side
          image: side:1
          command:
            - sh
            - |
              echo "a: b"

              exit 1
`;

describe('printing a changed document', () => {
  it('changes only the scalar that was set and keeps its quotes and comment', () => {
    const printed = edit(deployment, (object) => {
      expect(object?.set(['spec', 'template', 'spec', 'containers', 0, 'image'], 'nginx:2')).toBe(true);
    });
    expect(printed).toBe(deployment.replace("'nginx:1.14.2'", "'nginx:2'"));
  });

  it('adds a field after its siblings without touching another line', () => {
    const printed = edit(deployment, (object) => object?.set(['metadata', 'namespace'], 'shop'));
    expect(printed).toBe(deployment.replace('# flow\n', '# flow\n  namespace: shop\n'));
  });

  it('removes a field with its line', () => {
    const printed = edit(deployment, (object) => object?.delete(['spec', 'replicas']));
    expect(printed).toBe(deployment.replace('    replicas:   3\n', ''));
  });

  it('prints a flow mapping anew in its own line', () => {
    const printed = edit(deployment, (object) => object?.set(['metadata', 'labels', 'tier'], 'front'));
    expect(printed).toBe(deployment.replace('{app: web}', '{app: web, tier: front}'));
  });

  it('adds and removes elements of a sequence', () => {
    const added = edit(deployment, (object) =>
      object?.set(['spec', 'template', 'spec', 'containers', 2], { name: 'third' }),
    );
    expect(added).toBe(`${deployment}        - name: third\n`);
    const removed = edit('a:\n- 1\n- 2 # two\n- 3\nb: 1\n', (object) => object?.delete(['a', 1]));
    expect(removed).toBe('a:\n- 1\n- 3\nb: 1\n');
  });

  it('changes a block scalar in its place', () => {
    const printed = edit('data:\n  script: |\n    a\n    b\n  other: x\n', (o) => o?.set(['data', 'script'], 'c\nd\n'));
    expect(printed).toBe('data:\n  script: |\n    c\n    d\n  other: x\n');
  });

  it('quotes strings that YAML 1.1 readers would take for something else', () => {
    const printed = edit('data:\n  a: x\n  b: y\n', (object) => {
      object?.set(['data', 'a'], 'yes');
      object?.set(['data', 'b'], '8080');
    });
    expect(printed).toBe('data:\n  a: "yes"\n  b: "8080"\n');
  });

  it('keeps the quotes of what is set again, also where its mapping was removed in between', () => {
    const text = 'metadata:\n  name: n # short\n  annotations:\n    \'a\': "1"\n    b: plain\n    on: y\n';
    const printed = edit(text, (object) => {
      object?.delete(['metadata', 'annotations']);
      for (const [key, value] of [
        ['a', '1'],
        ['b', 'plain'],
        ['on', 'y'],
      ] as const)
        object?.setAnnotation(key, value);
    });
    expect(printed).toBe(text);
  });

  it('leaves words without quotes that stood without, even in lines that it writes anew', () => {
    const text = 'spec: # all\n  short: n # no\n  list: [yes, 1:20, x]\n  other: 1\n';
    const printed = edit(text, (object) => {
      const root = object?.root;
      if (root) root.commentBefore = ' head';
      object?.set(['spec', 'other'], 'y');
      object?.set(['spec', 'list', 2], 'no');
    });
    expect(printed).toBe(`# head\n${text.replace('other: 1', 'other: "y"').replace(', x]', ', "no"]')}`);
  });

  it('fills a null and an empty flow mapping in block style', () => {
    expect(edit('metadata:\n  name: a\n  annotations:\nspec: 1\n', (o) => o?.setAnnotation('k', 'v'))).toBe(
      'metadata:\n  name: a\n  annotations:\n    k: v\nspec: 1\n',
    );
    expect(edit('metadata:\n  annotations: {}\n  name: a\n', (o) => o?.setAnnotation('k', 'v'))).toBe(
      'metadata:\n  annotations:\n    k: v\n  name: a\n',
    );
  });

  it('keeps the comment beside what a mapping takes the place of', () => {
    const filled = 'metadata:\n  annotations: # why\n    k: v\n  name: a\n';
    for (const empty of ['null', '~', '{}', '']) {
      const text = `metadata:\n  annotations: ${empty} # why\n  name: a\n`;
      expect(edit(text, (o) => o?.setAnnotation('k', 'v'))).toBe(filled);
    }
  });

  it('keeps the rest of a document with NaN, bytes, or a number that a tag makes one', () => {
    const text = 'a: &x .nan\nb:   !!binary aGVsbG8=\nc: !!float 3\nd: >\n  e\n  f\n';
    expect(edit(text, (object) => object?.set(['g'], 'h'))).toBe(`${text}g: h\n`);
    expect(edit(text, (object) => object?.set(['g'], 1n << 70n))).toBe(`${text}g: 1180591620717411303424\n`);
    const reversed = edit(text, (object) => {
      object?.root?.items.reverse();
    });
    expect(reversed).toContain('\nc: !!float "3"\nb: !!binary aGVsbG8=\na: &x .nan\n');
  });

  it('keeps the notation of numbers and merge keys in lines that it writes anew', () => {
    const numbers = ['1e3', '0x1F', '0o17', '0644', '1_000', '.5', '1.10', '+1', '-0', '.inf', '.NaN', '1.0'];
    const lines = numbers.map((text, index) => `  n${index}: ${text}\n`).join('');
    const text = `base: &b {x: 1}\ndata:\n  <<: *b\n${lines}  last: x # c\n`;
    const printed = edit(text, (object) => {
      const data = object?.node(['data']);
      if (isMap(data)) data.items.reverse();
    });
    for (const line of [...lines.trimEnd().split('\n'), '  <<: *b']) expect(printed).toContain(`${line}\n`);
  });

  it('writes text of several lines as a block, in brackets in quotes', () => {
    const set = (text: string) => edit(text, (object) => object?.set(['a', 'b'], 'x: 1\ny\n'));
    expect(set('a:\n  b: plain # c\n  d: 1e3\n')).toBe('a:\n  b: | # c\n    x: 1\n    y\n  d: 1e3\n');
    expect(set('a: {b: plain, d: 1e3}\n')).toBe('a: {b: "x: 1\\ny\\n", d: 1e3}\n');
    expect(set('a: {d: 1}\n')).toBe('a: {d: 1, b: "x: 1\\ny\\n"}\n');
  });

  it('changes values in brackets where they stand', () => {
    const text = "a: {b:   [x,\n    'y', # c\n  {z:  1}],\n  k: w}\n";
    const printed = edit(text, (object) => {
      object?.set(['a', 'b', 1], "n, o'p");
      object?.set(['a', 'b', 2, 'z'], 20);
      object?.set(['a', 'k'], 'v, ]');
    });
    expect(printed).toBe("a: {b:   [x,\n    'n, o''p', # c\n  {z:  20}],\n  k: \"v, ]\"}\n");
  });

  it('keeps key comments, indentation and comments when it prints the whole document', () => {
    const text = 'metadata: # key\n  # below\n  name: x\n  tags: # t\n  - a\n  - b\n';
    const printed = edit(text, (object) => {
      const root = object?.root;
      if (root) root.commentBefore = ' new head';
      object?.set(['metadata', 'name'], 'z');
    });
    expect(printed).toBe(`# new head\n${text.replace('name: x', 'name: z')}`);
  });

  it('keeps CRLF line ends of a changed document', () => {
    const text = 'a: 1\r\nb:\r\n- x\r\n---\r\nc: 1\r\n';
    expect(edit(text, (_, second) => second?.set(['c'], 2))).toBe(text.replace('c: 1', 'c: 2'));
    expect(edit(text, (first) => first?.set(['z'], 2))).toBe(text.replace('- x\r\n', '- x\r\nz: 2\r\n'));
  });

  it('keeps the line ends of lines that do not change where there are two kinds', () => {
    const text = 'a: 1\r\nb:\n- x # c\r\nc: |\r\n  t\n';
    expect(edit(text, (object) => object?.set(['a'], 2))).toBe(text.replace('a: 1', 'a: 2'));
    expect(edit(text, (object) => object?.set(['b', 0], 'z'))).toBe(text.replace('- x', '- z'));
  });

  it('keeps other documents of the file byte by byte', () => {
    const odd = '# only a comment\n---\na:    1   \n\n\n--- # second\nb: {x:   1}\n---\n\n---\nc: 1';
    expect(edit(odd, (...objects) => objects[4]?.set(['c'], 2))).toBe(odd.replace('c: 1', 'c: 2'));
  });

  it('leaves alone what an alias stands for when something below the alias is set', () => {
    const text = 'metadata:\n  labels: &both\n    a: b # one\n  annotations: *both\nspec:\n- *both\n';
    const printed = edit(text, (object) => {
      object?.setAnnotation('c', 'd');
      object?.set(['spec', 0, 'e'], 'f');
      expect(object?.getStringMap(['metadata', 'labels'])).toEqual({ a: 'b' });
      expect(object?.getStringMap(['metadata', 'annotations'])).toEqual({ a: 'b', c: 'd' });
      expect(object?.get(['spec', 0])).toEqual({ a: 'b', e: 'f' });
    });
    expect(printed).toContain('  labels: &both\n    a: b # one\n  annotations:\n    a: b # one\n    c: d\n');
  });

  it('keeps the comment of what becomes empty beside its brackets', () => {
    const text = 'data: # why\n  # more\n  a: b\nlist: # what\n- x\n';
    const printed = edit(text, (object) => {
      object?.delete(['data', 'a']);
      object?.delete(['list', 0]);
    });
    expect(printed).toBe('data: {} # why more\nlist: [] # what\n');
  });

  it('keeps the comments of aliases that it writes through', () => {
    const text = 'a: &a # m\n  k: v\nb: *a # c\nlist:\n- |\n  text\n- *a # d\n';
    const printed = edit(text, (object) => {
      object?.set(['b', 'l'], 'w');
      object?.set(['list', 1, 'l'], 'w');
    });
    expect(printed).toBe('a: &a # m\n  k: v\nb: # c\n  k: v\n  l: w\nlist:\n- |\n  text\n# d\n- k: v\n  l: w\n');
  });

  it('leaves the anchor of what another value takes the place of', () => {
    const printed = edit('a: [1]\nlist:\n- k: v\n- &x one\n- two\nb: *x\n', (object) => {
      const list = object?.node(['list']);
      if (!isSeq(list) || object === undefined) return;
      list.items = [list.items[1], object.document.createNode('three')];
    });
    expect(printed).toBe('a: [1]\nlist:\n- &x one\n- three\nb: *x\n');
  });

  it('resolves aliases when reading and replaces them when setting', () => {
    const text = 'a: &x 1 # a\nb: *x # b\n';
    const printed = edit(text, (object) => {
      expect(object?.get(['b'])).toBe(1);
      object?.set(['b'], 2);
    });
    expect(printed).toBe('a: &x 1 # a\nb: 2 # b\n');
  });

  it('changes JSON files in their own indentation, keeping long numbers', () => {
    const text = '{\n    "a": 12345678901234567890,\n    "b": {"c": []}\n}\n';
    expect(edit(text, (o) => o?.set(['b', 'd'], 'x'), 'a.json')).toBe(
      '{\n    "a": 12345678901234567890,\n    "b": {\n        "c": [],\n        "d": "x"\n    }\n}\n',
    );
  });
});

describe('documents of a file', () => {
  it('drops the marker of a document that has become the first', () => {
    const [, second] = parseResources('a.yaml', 'a: 1\n---\nb: 1\n');
    expect(printFile('a.yaml', second ? [second] : [])).toBe('b: 1\n');
  });

  it('puts a marker before what was the first of another file', () => {
    const [one, two] = [parseResources('a.yaml', 'a: 1'), parseResources('b.yaml', 'b: 1\n')];
    expect(printFile('a.yaml', [...one, ...two])).toBe('a: 1\n---\nb: 1\n');
  });

  it('does not take a marker inside an indented block scalar for the end of the document', () => {
    expect(parseResources('a.yaml', 'a: |\n  ---\n  x\n---\nb: 1\n').map((d) => d.document.toJS())).toEqual([
      { a: '---\nx\n' },
      { b: 1 },
    ]);
  });

  it('names the line of the file where the syntax is wrong', () => {
    expect(() => parseResources('x.yaml', 'a: 1\n---\nb: 1\n  c: 2\n')).toThrow(
      new YamlSyntaxError('x.yaml', 3, 'Nested mappings are not allowed in compact mappings'),
    );
  });
});

describe('large and odd files', () => {
  it('names the line of a key that stands twice', () => {
    expect(() => parseResources('x.yaml', '# c\n---\na:\n  b: 1\n  c: 2\n  "b": 3\n')).toThrow(
      new YamlSyntaxError('x.yaml', 6, 'key "b" stands twice in one mapping'),
    );
  });

  it.each([
    ['brackets', (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`],
    ['braces', (depth: number) => `${'{a: '.repeat(depth)}1${'}'.repeat(depth)}`],
    ['keys', (depth: number) => `${'? '.repeat(depth)}x`],
    ['dashes', (depth: number) => `${'- '.repeat(depth)}x`],
    ['lines', (depth: number) => Array.from({ length: depth }, (_, index) => `${' '.repeat(index)}a:\n`).join('')],
  ])('names the line that is nested too deep in %s', (_, nested) => {
    for (const depth of [501, 900, 3000]) {
      expect(() => parseResources('x.yaml', `# c\n---\n${nested(depth)}\n`)).toThrow(
        /^yaml: line \d+: mappings and sequences are nested more than 500 levels deep$/,
      );
    }
    const bearable = `${nested(490)}\n`;
    expect(printFile('x.yaml', parseResources('x.yaml', bearable))).toBe(bearable);
  });

  it('does not multiply what aliases repeat', () => {
    const rows = [...'bcdefghij'].map(
      (name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(', ')}]\n`,
    );
    const text = `apiVersion: v1\na: &a [x]\n${rows.join('')}`;
    expect(edit(text, (object) => object?.set(['apiVersion'], 'v2'))).toBe(text.replace('v1', 'v2'));
  });

  it('keeps a byte order mark and directives', () => {
    const text = '\ufeff%YAML 1.2\n---\na: 1\n---\nb: 1\n';
    expect(edit(text, (first) => first?.set(['a'], 2))).toBe(text.replace('a: 1', 'a: 2'));
    const plain = '\ufeffa: 1\nb:\n- x\n';
    expect(edit(plain, (object) => object?.set(['c', 'd'], 2))).toBe(`${plain}c:\n  d: 2\n`);
    expect(edit(plain, (object) => object?.set(['b', 0], 'l1\nl2'))).toBe('\ufeffa: 1\nb:\n- |-\n  l1\n  l2\n');
    expect(edit('\ufeff{"a": 1}', (object) => object?.set(['a'], 2), 'a.json')).toBe('\ufeff{\n  "a": 2\n}\n');
  });

  it.each(['\n', ' \n', '\r\n', '# c\n'])('may begin with any number of lines like %j', (line) => {
    const text = `${line.repeat(5000)}a: 1\n---\nb: 1\n`;
    const documents = parseResources('x.yaml', text);
    expect(documents.map((document) => document.document.toJS())).toEqual([{ a: 1 }, { b: 1 }]);
    expect(printFile('x.yaml', documents)).toBe(text);
  });

  it('loses the keys that a value does not have, whatever they are called', () => {
    expect(edit('a: 1\nconstructor: 2\ntoString: 3\n', (object) => object?.set([], { a: 1 }))).toBe('a: 1\n');
  });

  it('takes many keys at once, without looking at all there are for each', () => {
    const keys = Array.from({ length: 1000 }, (_, index) => `k${index}`);
    const text = keys.map((key) => `${key}: x\n`).join('');
    let reads = (): number => 0;
    const changed = edit(text, (object) => {
      reads = countReads(object?.root?.items.map(({ key }) => key).filter(isScalar) ?? [], 'value');
      object?.set([], Object.fromEntries(keys.map((key) => [key, 'w'])));
      object?.setAll(['l'], new Map(keys.map((key) => [key, 'z'])));
    });
    const added = keys.map((key) => `  ${key}: z\n`).join('');
    expect(changed).toBe(`${text.replaceAll('x', 'w')}l:\n${added}`);
    expect(reads()).toBeGreaterThan(1000);
    expect(reads()).toBeLessThan(50_000);
  });

  it('lets no comment fall into a text without lines', () => {
    const printed = edit('a: |\n', (object) => {
      const node = object?.node(['a']);
      if (isScalar(node)) node.comment = ' note';
    });
    expect(printed).toBe('a: "" # note\n');
  });

  it('adds a comment beside a key without touching what is below', () => {
    const text = 'metadata:\n    name:   x\n    # end\nspec: 1\n';
    const printed = edit(text, (object) => {
      const metadata = object?.node(['metadata']);
      if (isMap(metadata)) setKeyComment(metadata, ' note');
    });
    expect(printed).toBe(text.replace('metadata:', 'metadata: # note'));
  });
});

describe('any file', () => {
  const key = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
  const scalar = fc.oneof(
    fc.stringMatching(/^[a-zA-Z0-9 ./-]{0,12}$/).map((text) => JSON.stringify(text)),
    fc.integer().map(String),
    fc.constantFrom('null', '~', 'yes', "'it''s'", '"q" # c', '{a:   1}', '[ x,y ]', '|\n      text\n\n      more', ''),
  );
  const line = fc.oneof(
    fc.tuple(key, scalar).map(([k, v]) => `${k}: ${v}`),
    fc.tuple(key, key, scalar).map(([k, k2, v]) => `${k}: # note\n    # more\n    ${k2}:   ${v}`),
    fc.tuple(key, key).map(([k, item]) => `${k}:\n- ${item}\n- b: 1\n  c: 2 # x`),
    fc.tuple(key, key).map(([k, item]) => `${k}:\n  - ${item}\n\n  # c\n  - - n`),
    fc.constantFrom('# comment', '', '   '),
  );
  const documentText = fc
    .uniqueArray(line, { selector: (text) => /^\w*/.exec(text)?.[0] || {}, maxLength: 8 })
    .map((lines) => lines.join('\n'));
  const fileText = fc
    .tuple(
      fc.array(documentText, { maxLength: 4 }).map((documents) => documents.join('\n---\n')),
      fc.boolean(),
    )
    .map(([text, crlf]) => (crlf ? text.replaceAll('\n', '\r\n') : text));

  it('is printed as it was where nothing changed', () => {
    fc.assert(
      fc.property(fileText, (text) => {
        expect(printFile('a.yaml', parseResources('a.yaml', text))).toBe(text);
      }),
      {
        numRuns: 200,
      },
    );
  });

  it('says exactly what it was made to say', () => {
    fc.assert(
      fc.property(fileText, key, fc.constantFrom('v', 'a\nb\n', '# x', 7), (text, name, value) => {
        const documents = parseResources('a.yaml', text).filter((document) => !document.isEmpty);
        const wanted = documents.map((document) => ({ ...(document.document.toJS() as object), [name]: value }));
        for (const document of documents) new KrmObject(document).set([name], value);
        const again = parseResources('a.yaml', printFile('a.yaml', documents));
        const found = again.filter((document) => !document.isEmpty).map((document) => document.document.toJS());
        expect(found).toEqual(wanted);
      }),
      { numRuns: 200 },
    );
  });
});
