import {
  builtInFunctions,
  createBuiltInRuntime,
  type FunctionRuntime,
  type PackageFiles,
  renderPackage,
} from '@porch/kpt';
import { parseAllDocuments } from 'yaml';
import { alternate, type Rounds, summarize, timed } from '../measure.ts';
import type { Measurement } from '../results.ts';
import { type PipelineName, packageOf, pipelines } from './packages.ts';

/** Resources of the packages that are rendered. */
const sizes = [10, 100, 1000] as const;

/** What a measurement of rendering is called. */
function renderName(resources: number, pipeline: PipelineName): string {
  return `render ${resources} resources, ${pipeline}`;
}

/** The names of all measurements of this kind. */
export const renderNames: readonly string[] = sizes.flatMap((size) => namesOf().map((name) => renderName(size, name)));

/** Rendering on this thread, against parsing and printing the same files with the YAML library and nothing else. */
export async function measureSpeed(rounds: (resources: number) => Rounds): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = [];
  for (const resources of sizes) {
    for (const pipeline of namesOf()) measurements.push(await measure(resources, pipeline, rounds(resources)));
  }
  return measurements;
}

function namesOf(): readonly PipelineName[] {
  return Object.keys(pipelines) as PipelineName[];
}

async function measure(resources: number, pipeline: PipelineName, rounds: Rounds): Promise<Measurement> {
  const runtime = createBuiltInRuntime(builtInFunctions);
  const files = packageOf(resources, pipeline);
  const samples = await alternate(rounds, {
    render: () => timed(() => render(files, runtime)),
    yaml: () => timed(() => parseAndPrint(files)),
  });
  return {
    name: renderName(resources, pipeline),
    size: undefined,
    unit: 'ms',
    summary: summarize(samples.render),
    yardstick: { name: 'parsing and printing with `yaml`', summary: summarize(samples.yaml) },
  };
}

async function render(files: PackageFiles, runtime: FunctionRuntime): Promise<void> {
  const { error } = await renderPackage(files, { defaultImagePrefix: '' }, runtime);
  if (error !== undefined) throw new Error(`rendering failed: ${error}`);
}

function parseAndPrint(files: PackageFiles): void {
  for (const [path, text] of files) {
    const printed = parseAllDocuments(text).map((document) => document.toString({ lineWidth: 0 }));
    if (printed.join('---\n') === '') throw new Error(`${path} was printed as nothing`);
  }
}
