import { plainGit } from '../harness/git-command.ts';
import { Packages } from '../harness/packages.ts';
import type { Remote } from '../harness/remote.ts';
import type { Replicas } from '../harness/replicas.ts';
import type { AllFacts } from './facts.ts';

const versions = [1, 2, 3];

/** Publishes packages as somebody with plain git does, has the servers find them, and notes that they are there. */
export async function publishedByOthers(
  { world, servers }: Replicas,
  remote: Remote,
  packages: readonly string[],
  facts: AllFacts,
): Promise<void> {
  let input = '';
  for (const version of versions) {
    for (const name of packages) {
      const kptfile = `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\ninfo:\n  description: ${version}\n`;
      input += `commit refs/heads/main\ncommitter Another <another@example.com> 1700000000 +0000\ndata 7\nBy hand\n`;
      input += input.includes('\nfrom ') ? '' : 'from refs/heads/main^0\n';
      input += `M 100644 inline ${name}/Kptfile\ndata ${kptfile.length}\n${kptfile}\n`;
      input += `reset refs/tags/${name}/v${version}\nfrom refs/heads/main\n\n`;
    }
  }
  await plainGit(remote.directory, ['fast-import', '--quiet'], { input });
  await world.sync('repo');
  const [server] = servers;
  if (server === undefined) throw new Error('there is no server');
  for (const object of (await new Packages(server).list()).items) {
    const { revision } = object.spec;
    if (revision > 0) facts.created(object, { revision, commit: object.status.selfLock.git.commit });
  }
}
