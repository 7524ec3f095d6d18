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
  for (const version of versions) {
    for (const name of packages) {
      const kptfile = `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\ninfo:\n  description: "${version}"\n`;
      await remote.push('main', { [`${name}/Kptfile`]: kptfile }, { tags: [`${name}/v${version}`] });
    }
  }
  await world.sync('repo');
  const [server] = servers;
  if (server === undefined) throw new Error('there is no server');
  for (const object of (await new Packages(server).list()).items) {
    const { revision } = object.spec;
    if (revision > 0) facts.created(object, { revision, commit: object.status.selfLock.git.commit });
  }
}
