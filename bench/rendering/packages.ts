import { kptfile, resourceFiles } from '../fixture/package-files.ts';

/** Pipelines by the number of their functions; each of their functions changes resources. */
export const pipelines = {
  'one function': pipeline(['image: set-namespace:v0.4\n      configMap:\n        namespace: shop']),
  'five functions': pipeline([
    'image: set-namespace:v0.4\n      configMap:\n        namespace: shop',
    'image: set-labels:v0.2\n      configMap:\n        app.kubernetes.io/part-of: shop',
    'image: set-annotations:v0.1\n      configMap:\n        example.com/owner: shop-team',
    'image: search-replace:v0.2\n      configMap:\n        by-path: spec.replicas\n        put-value: "5"',
    'image: apply-setters:v0.2\n      configMap:\n        tag: 2.0.0',
  ]),
} as const;

/** The name of a pipeline. */
export type PipelineName = keyof typeof pipelines;

function pipeline(entries: readonly string[]): string {
  return `pipeline:\n  mutators:\n${entries.map((entry) => `    - ${entry}\n`).join('')}`;
}

/** The files of a package with this many resources, one in each file, besides its Kptfile. `version` changes one file in three. */
export function packageOf(resources: number, pipelineName: PipelineName, version = 0): ReadonlyMap<string, string> {
  const files = new Map([['Kptfile', kptfile('rendered', pipelines[pipelineName])]]);
  for (let group = 0; files.size <= resources; group++) {
    for (const [name, text] of Object.entries(resourceFiles(`app-${group}`, version))) {
      if (files.size <= resources) files.set(`${group}/${name}`, text);
    }
  }
  return files;
}
