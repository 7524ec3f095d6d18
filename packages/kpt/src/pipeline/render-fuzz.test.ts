import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtInFunctions } from '../functions/catalogue.ts';
import type { PackageFiles } from '../package/files.ts';
import { createBuiltInRuntime } from '../runtimes/built-in-runtime.ts';
import { parseResources, printFile } from '../yaml/resource-file.ts';
import { type RenderedPackage, renderPackage } from './render-package.ts';

const parameters = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 60) };

const runtime = createBuiltInRuntime(builtInFunctions);
const names = [...builtInFunctions.keys()].filter((name) => name !== 'sleep');

/** Functions that find nothing more to do when they are run again. */
const idempotent: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['set-namespace', { namespace: 'shop' }],
  ['set-labels', { app: 'web', 'a.b/c': 'on' }],
  ['set-annotations', { note: '1' }],
  ['apply-setters', { tag: '2', list: '[a, b]' }],
  ['set-image', { name: 'nginx', newTag: '2' }],
  ['ensure-name-substring', { prepend: 'dev-' }],
  ['search-replace', { 'by-value': 'old', 'put-value': 'fresh' }],
  ['delete-annotations', { annotationKeys: 'mark,x' }],
  ['remove-local-config-resources', {}],
  ['drop-comments', {}],
  ['no-op', {}],
];

const word = fc.oneof(
  fc.constantFrom(
    'a',
    'web',
    'on',
    '8080',
    '1.10',
    '~',
    "'it''s'",
    '"q: q"',
    '"\\u00e9"',
    '{a: [b]}',
    '[]',
    '0x1F',
    '&x 1',
    '*x',
    '!!str 5',
    '| # c\n    t\n',
    '>-\n    f\n    g\n',
    '12345678901234567890',
  ),
  fc.string({ maxLength: 6 }).map((text) => JSON.stringify(text)),
);
const comment = fc.constantFrom('', '', '', ' # note', ' # kpt-set: ${tag}', ' # kpt-set: ${list}');
const field = fc
  .tuple(fc.constantFrom('replicas', 'image', 'name', 'labels', 'data', 'x'), word, comment)
  .map(([key, value, note]) => `  ${key}: ${value}${value.includes('\n') ? '' : note}\n`);

const resource = fc
  .record({
    type: fc.constantFrom(
      'apps/v1 Deployment',
      'v1 Service',
      'v1 ConfigMap',
      'v1 Namespace',
      'x.io/v1 Foo',
      'fn.kpt.dev/v1alpha1 SetNamespace',
      'storage.cnrm.cloud.google.com/v1beta1 B',
    ),
    name: fc.constantFrom('a', 'b', 'web'),
    metadata: fc.constantFrom(
      '',
      '  namespace: n # here\n',
      '  annotations:\n    note: x\n    mark: y\n  # end\n',
      '  labels: {app: old}\n',
    ),
    fields: fc.uniqueArray(field, { selector: (text) => text.split(':')[0] ?? '', maxLength: 4 }),
    spec: fc.constantFrom(
      '',
      '  template:\n    spec:\n      containers:\n      - name: c # c\n        image: nginx:1\n      # last\n',
    ),
  })
  .map(({ type, name, metadata, fields, spec }) => {
    const [apiVersion, kind] = type.split(' ');
    const body = fields.join('') + spec;
    return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n${metadata}${body === '' ? '' : `spec:\n${body}`}`;
  });

const documents = fc
  .tuple(
    fc.array(resource, { minLength: 1, maxLength: 3 }),
    fc.constantFrom('---\n', '---\n# between\n---\n', '--- # next\n'),
    fc.boolean(),
  )
  .map(([texts, between, crlf]) => (crlf ? texts.join(between).replaceAll('\n', '\r\n') : texts.join(between)));

/** A text with some of it cut out, doubled, or put elsewhere. */
function damaged(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(
      text,
      fc.array(fc.tuple(fc.nat(400), fc.nat(40), fc.nat(400), fc.constantFrom('cut', 'copy', 'tab', 'brace')), {
        maxLength: 3,
      }),
    )
    .map(([original, edits]) =>
      edits.reduce((current, [from, length, to, edit]) => {
        const at = from % (current.length + 1);
        const piece = current.slice(at, at + length);
        if (edit === 'cut') return current.slice(0, at) + current.slice(at + length);
        const inserted = edit === 'copy' ? piece : edit === 'tab' ? '\t' : '}';
        const place = to % (current.length + 1);
        return current.slice(0, place) + inserted + current.slice(place);
      }, original),
    );
}

const config = fc.dictionary(
  fc.constantFrom(
    'namespace',
    'name',
    'newTag',
    'tag',
    'by-path',
    'by-value',
    'by-value-regex',
    'put-value',
    'put-comment',
    'annotationKeys',
    'prepend',
    'append',
    'project-id',
    'enforcementAction',
    'source',
    'strict',
    'x',
  ),
  fc.oneof(
    fc.constantFrom(
      'a',
      '**',
      'spec.x[a=b]',
      '(a+)+',
      '${1}',
      '[1, 2]',
      'def f(): pass',
      'ctx.resource_list["items"].clear()',
      '-1',
      '',
    ),
    fc.string({ maxLength: 8 }),
  ),
  { maxKeys: 3 },
);
const entry = fc
  .tuple(fc.constantFrom(...names), config)
  .map(([name, data]) => `  - ${JSON.stringify({ image: name, configMap: data })}\n`);
const pipeline = fc.tuple(fc.array(entry, { maxLength: 3 }), fc.array(entry, { maxLength: 1 }));

function kptfile(mutators: readonly string[], validators: readonly string[] = []): string {
  const list = (kind: string, entries: readonly string[]) =>
    entries.length === 0 ? '' : `  ${kind}:\n${entries.join('')}`;
  return `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p # ours\npipeline: # run\n  # first\n${list('mutators', mutators)}${list('validators', validators)}`;
}

function render(files: PackageFiles): Promise<RenderedPackage> {
  return renderPackage(files, { defaultImagePrefix: 'example.io/' }, runtime);
}

describe('any package', () => {
  it('is rendered or refused, the same every time, and a refusal changes nothing but the status', async () => {
    const anyKptfile = fc.oneof(
      { arbitrary: pipeline.map(([m, v]) => kptfile(m, v)), weight: 4 },
      damaged(pipeline.map(([m, v]) => kptfile(m, v))),
    );
    const anyFile = fc.oneof(documents, damaged(documents), fc.string(), fc.string({ unit: 'binary' }));
    await fc.assert(
      fc.asyncProperty(anyKptfile, anyFile, anyFile, async (own, first, second) => {
        const files = new Map([
          ['Kptfile', own],
          ['a.yaml', first],
          ['sub/b.json', second],
          ['README.md', first],
        ]);
        const rendered = await render(files);
        expect(await render(files)).toEqual(rendered);
        expect(rendered.files.get('README.md')).toBe(first);
        if (rendered.error === undefined) return;
        expect(rendered.result.exitCode).toBe(1);
        expect([...rendered.files].filter(([path]) => path !== 'Kptfile')).toEqual(
          [...files].filter(([path]) => path !== 'Kptfile'),
        );
      }),
      parameters,
    );
  });

  it('is not changed by rendering it again with a function that has done its work', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...idempotent), documents, async ([name, data], text) => {
        const entry = `  - ${JSON.stringify({ image: name, configMap: data })}\n`;
        const once = await render(
          new Map([
            ['Kptfile', kptfile([entry])],
            ['a.yaml', text],
          ]),
        );
        if (once.error !== undefined) return;
        const twice = await render(once.files);
        const withoutStatus = ({ files }: RenderedPackage) => [...files].filter(([path]) => path !== 'Kptfile');
        expect(twice.error).toBeUndefined();
        expect(withoutStatus(twice)).toEqual(withoutStatus(once));
      }),
      parameters,
    );
  });

  it('has files that are printed as they were', () => {
    fc.assert(
      fc.property(fc.oneof(documents, damaged(documents)), (text) => {
        let parsed: ReturnType<typeof parseResources>;
        try {
          parsed = parseResources('a.yaml', text);
        } catch {
          return; // it is no YAML
        }
        expect(printFile('a.yaml', parsed)).toBe(text);
      }),
      parameters,
    );
  });
});
