import type { FunctionCatalogue, KrmFunction } from '../functions/function.ts';
import { createBuiltInRuntime } from '../runtimes/built-in-runtime.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import { renderPackage } from './render-package.ts';

/** Functions small enough to see through: what is tested here is the pipeline around them. */
const functions: readonly KrmFunction[] = [
  {
    name: 'stamp',
    tags: ['v0.3', 'v0.2'],
    run({ items, config }) {
      for (const object of items) {
        object.setAnnotation(
          'stamp',
          `${object.annotation('stamp') ?? ''}${config?.getString(['data', 'stamp']) ?? 'none'}`,
        );
      }
      return { results: [{ message: `stamped ${items.length}`, severity: 'info', file: { path: 'x', index: 0 } }] };
    },
  },
  {
    name: 'generate',
    tags: [],
    run: ({ items }) => ({
      results: [],
      items: [
        ...items,
        KrmObject.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'made', namespace: 'ns' } }),
      ],
    }),
  },
  { name: 'drop', tags: [], run: ({ items }) => ({ results: [], items: items.filter((o) => o.kind === 'Kptfile') }) },
  {
    name: 'configure',
    tags: [],
    run({ items }) {
      for (const object of items) if (object.name === 'config') object.set(['data', 'stamp'], 'changed');
      return { results: [] };
    },
  },
  {
    name: 'fail',
    tags: [],
    run({ items }) {
      for (const object of items) object.setAnnotation('half', 'done');
      return { results: [{ message: 'bad', severity: 'error' }], failed: 'error: function failure' };
    },
  },
  { name: 'empty', tags: [], run: () => ({ results: [], items: [] }) },
  {
    name: 'spoil',
    tags: [],
    run({ items }) {
      for (const item of items) if (item.kind === 'Kptfile') item.set(['spec', 'x'], 'y');
      return { results: [] };
    },
  },
  {
    name: 'expect',
    tags: [],
    run: ({ config }) => ({
      results: [{ message: `stamp is ${config?.getString(['data', 'stamp'])}`, severity: 'info' }],
    }),
  },
  { name: 'twice', tags: [], run: ({ items }) => ({ results: [], items: [...items, ...items.map((o) => o.clone())] }) },
  {
    name: 'throw',
    tags: [],
    run() {
      throw new Error('out of luck');
    },
  },
  {
    name: 'move',
    tags: [],
    run({ items, config }) {
      for (const object of items) if (object.kind !== 'Kptfile') object.path = config?.getString(['data', 'to']) ?? '';
      return { results: [] };
    },
  },
  {
    name: 'strip',
    tags: [],
    run({ items }) {
      for (const object of items) if (object.kind === 'Service') object.delete(['kind']);
      return { results: [] };
    },
  },
];

const catalogue: FunctionCatalogue = new Map(functions.map((entry) => [entry.name, entry]));
/** Runs the functions of this file. */
export const runtime = createBuiltInRuntime(catalogue);

/** A Kptfile with a pipeline: the lines below `pipeline:`. */
export function kptfile(pipeline: string, annotations = ''): string {
  return `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n${annotations}pipeline:\n${pipeline}`;
}

/** A Service, with further lines. */
export function service(name: string, more = ''): string {
  return `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\n${more}`;
}

/** Renders a package of these files with the functions of this file. */
export function render(entries: Record<string, string>) {
  return renderPackage(new Map(Object.entries(entries)), { defaultImagePrefix: 'example.io/fn/' }, runtime);
}

/** What the function `stamp` has written into a file. */
export function stampOf(text: string | undefined): string | undefined {
  return /stamp: (\S+)/.exec(text ?? '')?.[1];
}
