import { plainGit } from '../../e2e/harness/git-command.ts';
import { kptfile, resourceFiles } from '../fixture/package-files.ts';
import { copyRepository, type Remote } from '../fixture/remote.ts';
import type { GitClient } from './git-client.ts';

/** Pushes like those that publish, made with nothing but git: `git push --atomic` of branch, tag and deleted proposal. */
export interface BarePush {
  /** Pushes the next of the prepared commits, and gives the milliseconds until git has ended. */
  push(): Promise<number>;
}

/**
 * Prepares `count` commits in a clone of the remote: each merges a proposal, which is pushed beforehand, into the branch. Only the
 * pushes of the merges are left to do.
 */
export async function prepareBarePushes(
  git: GitClient,
  remote: Remote,
  clone: string,
  count: number,
): Promise<BarePush> {
  await copyRepository(remote.directory, clone);
  const ids = (await plainGit(clone, ['fast-import', '--quiet', '--done'], { input: commits(count) })).split('\n');
  const proposals = ids.slice(0, count);
  const merges = ids.slice(count);
  await plainGit(clone, ['push', '--quiet', remote.url, ...proposals.map((id, i) => `${id}:${proposal(i)}`)]);
  let next = 0;
  return {
    async push() {
      const i = next++;
      const merge = merges[i];
      if (merge === undefined) throw new Error(`only ${count} pushes were prepared`);
      const refs = [`${merge}:refs/heads/main`, `${merge}:refs/tags/${path(i)}/v1`, `:${proposal(i)}`];
      return await git.time(clone, 'push', '--quiet', '--atomic', remote.url, ...refs);
    },
  };
}

const path = (i: number): string => `bench-push/p-${i}`;
const proposal = (i: number): string => `refs/heads/proposed/${path(i)}/v1`;

function commits(count: number): string {
  const person = 'Package Orchestration Service <porch@kpt.dev> 1800000000 +0000';
  const head = (mark: number, message: string): string =>
    `commit refs/fixture/push\nmark :${mark}\nauthor ${person}\ncommitter ${person}\ndata ${message.length}\n${message}\n`;
  let stream = '';
  for (let i = 0; i < count; i++) {
    stream += `${head(i + 1, `Draft ${i}`)}from refs/heads/main^0\n${changes(i)}\n`;
  }
  for (let i = 0; i < count; i++) {
    const onto = i === 0 ? 'refs/heads/main^0' : `:${count + i}`;
    stream += `${head(count + i + 1, `Approving ${i}`)}from ${onto}\nmerge :${i + 1}\n${changes(i)}\n`;
  }
  for (let mark = 1; mark <= 2 * count; mark++) stream += `get-mark :${mark}\n`;
  return `${stream}done\n`;
}

function changes(i: number): string {
  const name = `p-${i}`;
  const files = { Kptfile: kptfile(name), ...resourceFiles(name, 1) };
  return Object.entries(files)
    .map(([file, text]) => `M 100644 inline ${path(i)}/${file}\ndata ${Buffer.byteLength(text)}\n${text}\n`)
    .join('');
}
