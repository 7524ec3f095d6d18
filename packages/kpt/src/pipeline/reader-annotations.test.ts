import { expect, it } from 'vitest';
import { kptfile, render, stampOf } from './render-package.test-support.ts';

const noted = `    config.kubernetes.io/path: 'a.yaml'
    internal.config.kubernetes.io/path: 'a.yaml'
    config.kubernetes.io/index: 0
    internal.config.kubernetes.io/index: '0'
    internal.config.kubernetes.io/package-path: /
    internal.config.kubernetes.io/seqindent: wide
`;
const map = (annotations: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m # kept\n${annotations && `  annotations:\n${annotations}`}data: {a:   b}\n`;
const mine = '    example.com/mine: a # kept as well\n';
const json =
  '{"apiVersion":"v1","kind":"A","metadata":{"annotations":{"config.kubernetes.io/path":"b.json"},"name":"n"}}\n';

it.each(['', '  mutators:\n  - image: stamp\n    configMap: {stamp: x}\n'])(
  'do not stay in files that clients have made of a list, with the pipeline %j',
  async (pipeline) => {
    const { files, error } = await render({
      Kptfile: kptfile(pipeline, '  annotations:\n    config.kubernetes.io/path: Kptfile\n'),
      'a.yaml': map(noted),
      'b.json': json,
      'sub/Kptfile': kptfile(''),
      'sub/a.yaml': map(mine + noted),
    });
    expect(error).toBeUndefined();
    for (const [path, text] of files) expect(text, path).not.toMatch(/config\.kubernetes\.io/);
    expect(files.get('sub/a.yaml')).toContain(mine);
    if (pipeline === '') {
      expect(files.get('Kptfile')).not.toContain('annotations');
      expect(files.get('a.yaml')).toBe(map(''));
      expect(files.get('sub/a.yaml')).toBe(map(mine));
    } else {
      expect(stampOf(files.get('a.yaml'))).toBe('x');
    }
  },
);
