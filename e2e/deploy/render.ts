import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import type { Json } from '../harness/api-client.ts';
import type { KubectlProgram } from '../harness/kubectl.ts';

const run = promisify(execFile);
const maxBuffer = 16 * 1024 * 1024;

export const deployDirectory = resolve(import.meta.dirname, '../../deploy');

function objects(text: string): readonly Json[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Json)
    .filter((object) => object !== null);
}

/** What kustomize, as part of kubectl, makes of a folder of deploy/ and of components beside it. */
export async function kustomize(
  { path }: KubectlProgram,
  folder: string,
  components: readonly string[] = [],
): Promise<readonly Json[]> {
  const build = async (directory: string) => objects((await run(path, ['kustomize', directory], { maxBuffer })).stdout);
  if (components.length === 0) return build(join(deployDirectory, folder));
  // Without links: what stands beside it is named from where it really is.
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'porch-deploy-')));
  try {
    const below = (name: string) => relative(directory, join(deployDirectory, name));
    const kustomization = { resources: [below(folder)], components: components.map(below) };
    await writeFile(join(directory, 'kustomization.yaml'), JSON.stringify(kustomization));
    return await build(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The helm that HELM names, or else the one on the PATH; undefined when there is none. */
export function helmProgram(): string | undefined {
  const named = process.env['HELM'];
  if (named !== undefined && named !== '') return named;
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => join(directory, 'helm'))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** What helm makes of the chart. @throws Error with what helm says */
export async function helmTemplate(helm: string, values: readonly string[]): Promise<readonly Json[]> {
  const flags = [
    '--namespace',
    'porch-system',
    '--kube-version',
    '1.34.0',
    ...values.flatMap((value) => ['--set', value]),
  ];
  const { stdout } = await run(helm, ['template', 'porch', join(deployDirectory, 'chart'), ...flags], { maxBuffer });
  return objects(stdout);
}
