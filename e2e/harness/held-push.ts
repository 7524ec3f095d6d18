import { chmod, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import type { Remote } from './remote.ts';

/** A remote that has taken a push and does not answer it. */
export interface HeldPush {
  /** Resolves when a push has moved a reference and waits for its answer. */
  readonly taken: Promise<unknown>;
  /** Lets the push be answered, and later ones too. */
  release(): Promise<void>;
}

/** Makes the remote hold back the answer of the next pushes that move a reference whose name begins like this. */
export async function holdPushes(remote: Remote, prefix: string): Promise<HeldPush> {
  const hooks = join(remote.directory, 'hooks');
  const hook = join(hooks, 'post-receive');
  const held = join(remote.directory, 'held');
  const release = async (): Promise<void> => {
    await rm(held, { force: true });
    await rm(hook, { force: true });
  };
  await mkdir(hooks, { recursive: true });
  await writeFile(held, '');
  await writeFile(
    hook,
    `#!/bin/sh\ngrep -q ' refs/${prefix}' || exit 0\n: > '${held}.taken'\nwhile [ -e '${held}' ]; do sleep 0.05; done\n`,
  );
  await chmod(hook, 0o755);
  const taken = eventually(`a push to ${prefix}`, async () => {
    await stat(`${held}.taken`);
    await rm(`${held}.taken`);
    return true;
  });
  return { taken, release };
}
