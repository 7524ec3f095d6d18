/** Packages as the server leaves them in Git, and what is found of them. */
import { approvalCommitMessage, draftCommitMessage } from './annotation.ts';
import { kptfile, type TestRemote } from './discovery.test-support.ts';
import { discoverRevisions } from './discovery.ts';
import type { DiscoveredRevision, Discovery } from './discovery-types.ts';

/** What is found in a remote now. */
export async function discover(
  remote: TestRemote,
  more: { directory?: string; branch?: string } = {},
): Promise<Discovery> {
  const references = await remote.references();
  return discoverRevisions({ mirror: remote.mirror, references, branch: 'main', ...more });
}

/** A revision in a line: package, workspace, number, lifecycle. */
export const line = (revision: DiscoveredRevision): string =>
  `${revision.packageName} ${revision.workspaceName} ${revision.revision} ${revision.lifecycle}`;
/** What was not listed, a line each. */
export const skips = (found: Discovery): string[] =>
  found.skipped.map((skip) => `${skip.ref} ${skip.path ?? ''} ${skip.kind}`);

/** The task that makes a package. */
export const init = { type: 'init', init: { description: 'd' } };

/** A package that was drafted, approved and so has a tag and stands on main, as this server would leave it. */
export async function publish(
  remote: TestRemote,
  path: string,
  workspaceName: string,
  revision: number,
  main?: string,
) {
  const created = await remote.commit({
    message: draftCommitMessage({ path, workspaceName, task: init }),
    files: { [`${path}/Kptfile`]: kptfile(`${path}-${revision}`) },
    parents: main === undefined ? [] : [main],
  });
  const draft = await remote.commit({
    message: draftCommitMessage({ path, workspaceName, task: { type: 'render' } }),
    parents: [created],
  });
  return remote.commit({
    message: approvalCommitMessage({ path, workspaceName, revision }),
    files: { [`${path}/Kptfile`]: kptfile(`${path}-${revision}`) },
    parents: main === undefined ? [draft] : [main, draft],
    author: 'approver@example.com',
    refs: ['refs/heads/main', `refs/tags/${path}/v${revision}`],
  });
}
