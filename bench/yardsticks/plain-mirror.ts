import { plainGit } from '../../e2e/harness/git-command.ts';
import { kptfile, resourceFiles } from '../fixture/package-files.ts';
import type { Remote } from '../fixture/remote.ts';
import type { GitClient } from './git-client.ts';

/** What git alone takes to know what a remote has, in milliseconds. */
export interface PlainMirror {
  /** Clones all that the remote has; once. */
  clone(): Promise<number>;
  /** Asks for the remote's references. */
  lsRemote(): Promise<number>;
  /** Brings the clone up to date. */
  fetch(): Promise<number>;
}

/** Mirrors of a remote made with nothing but git. */
export function plainMirror(git: GitClient, remote: Remote, directory: string): PlainMirror {
  return {
    clone: () => git.time(remote.directory, 'clone', '--quiet', '--mirror', remote.url, directory),
    lsRemote: () => git.time(directory, 'ls-remote', '--quiet', remote.url),
    fetch: () => git.time(directory, 'fetch', '--quiet'),
  };
}

/** Publishes a new package on the remote as somebody with git would: a commit on the branch, and a tag. */
export async function publishByHand(remote: Remote, packageName: string): Promise<void> {
  const person = 'Somebody Else <somebody@example.com> 1800000000 +0000';
  const message = `Publish ${packageName}`;
  const files = { Kptfile: kptfile(packageName), ...resourceFiles(packageName, 1) };
  const changes = Object.entries(files).map(
    ([file, text]) => `M 100644 inline by-hand/${packageName}/${file}\ndata ${Buffer.byteLength(text)}\n${text}\n`,
  );
  const commit = `commit refs/heads/main\nmark :1\nauthor ${person}\ncommitter ${person}\ndata ${message.length}\n${message}\nfrom refs/heads/main^0\n`;
  const tag = `reset refs/tags/by-hand/${packageName}/v1\nfrom :1\n\ndone\n`;
  await plainGit(remote.directory, ['fast-import', '--quiet', '--done'], {
    input: `${commit}${changes.join('')}\n${tag}`,
  });
}
