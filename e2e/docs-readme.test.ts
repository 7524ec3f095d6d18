import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainGit } from './harness/git-command.ts';
import { type KubectlProgram, modernKubectlPrograms } from './harness/kubectl.ts';
import { type Porch, startPorch } from './harness/porch.ts';

const run = promisify(execFile);
/** The first version that patches any subresource. */
const patchesApprovals = 32;

/** The commands of the README's first steps, in order, up to the repositories on Git servers. */
async function firstSteps(): Promise<string[]> {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const steps = /^## First steps$(.*?)^### /ms.exec(readme)?.[1] ?? '';
  return [...steps.matchAll(/^```\n(.*?)^```$/gms)].map(([, commands = '']) => commands);
}

describe.each(modernKubectlPrograms())("the README's first steps with $title", (program: KubectlProgram) => {
  let directory: string;
  let porch: Porch;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'porch-readme-'));
    // One that is named without a folder is found on the PATH.
    if (isAbsolute(program.path)) await symlink(program.path, join(directory, 'kubectl'));
  });
  afterAll(async () => {
    await porch?.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('lead from nothing to a package that is published', async () => {
    const [start = '', ...steps] = await firstSteps();
    const flags = /^npm start -- (.*)$/m.exec(start)?.[1]?.split(' ') ?? [];
    porch = await startPorch({ flags });
    const repository = join(directory, 'blueprints.git');
    const old = program.minor < patchesApprovals;
    const commands = steps
      .filter((step) => old || !step.startsWith('path='))
      .join('')
      .replaceAll('/tmp/blueprints.git', repository)
      .replace('$PWD/.porch/kubeconfig', porch.kubeconfig)
      .replace(/^kubectl patch .* --subresource approval .*$/m, (patch) => (old ? '' : patch));
    const env = {
      PATH: `${directory}:${process.env.PATH}`,
      HOME: directory,
      EDITOR: "sed -i 's/A web server/Another one/'",
    };
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', commands], { cwd: directory, env });
    expect(stdout).toMatch(/^blueprints\.web\.v1 +web +v1 +1 +true +Published +blueprints$/m);
    expect(stdout).toContain('tag: web/v1');
    expect(await plainGit(repository, ['show', 'web/v1:web/README.md'])).toContain('Another one');
  });
});
