import { expect, test } from 'vitest';
import type { DiscoveredRevision } from './discovery-types.ts';
import { distinctNames } from './distinct-names.ts';

const id = '1'.repeat(40);

/** A revision of package `a`, as far as names go. */
function found(
  ref: string,
  workspaceName: string,
  revision: number,
  lifecycle: DiscoveredRevision['lifecycle'] = 'Published',
): DiscoveredRevision {
  const own = ref === 'refs/heads/main' ? {} : { [ref]: id };
  const rest = { refs: own, commit: id, tree: id, kptfile: id, tasks: [] };
  return { packageName: 'a', path: 'x/a', workspaceName, revision, lifecycle, ref, ...rest };
}

const second = found('refs/tags/x/a/v2', 'w', 2);
const third = found('refs/tags/x/a/v3', 'w', 3);
const oddlySpelt = found('refs/tags/x/a/2', 'w', 2);
const branch = found('refs/heads/main', 'w', -1);
const otherTag = found('refs/tags/x/a/w', 'w', -1);
const proposal = found('refs/heads/proposed/x/a/w', 'w', 0, 'Proposed');
const draft = found('refs/heads/drafts/x/a/w', 'w', 0, 'Draft');

test('of revisions with one name the first is listed, by what they are', async () => {
  const inOrder = [second, oddlySpelt, third, branch, otherTag, proposal, draft];
  for (let start = 0; start < inOrder.length; start++) {
    const [first, ...others] = inOrder.slice(start);
    const { revisions, skipped } = await distinctNames(inOrder.slice(start).reverse());
    expect(revisions).toEqual([first]);
    expect(skipped).toStrictEqual(
      others.map(({ ref, path }) => ({
        ref,
        id,
        // Only the branch has many packages.
        ...(ref === branch.ref ? { path } : {}),
        kind: 'duplicate',
        listed: { packageName: 'a', workspaceName: 'w' },
        reason: `it would have the same name as ${first?.ref} (package a, workspace w)`,
      })),
    );
  }
});

test('revisions are in order of package, revision and workspace', async () => {
  const of = (packageName: string, workspaceName: string, revision: number): DiscoveredRevision => ({
    ...found(`refs/tags/x/${packageName}/${workspaceName}`, workspaceName, revision),
    packageName,
  });
  const inOrder = [
    of('a', 'w', -1),
    of('a', 'u', 0),
    of('a', 'v', 0),
    of('a', 't', 10),
    of('b', 'w', 1),
    of('b/c', 'w', 1),
  ];
  const { revisions, skipped } = await distinctNames([...inOrder].reverse());
  expect(revisions).toEqual(inOrder);
  expect(skipped).toEqual([]);
});
