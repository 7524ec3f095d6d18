import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import type { Task } from '../resources/package-revision.ts';
import { approvalCommitMessage, draftCommitMessage } from './annotation.ts';
import { discover, init, line, publish, skips } from './discovered.test-support.ts';
import { kptfile, startTestRemotes, type TestRemotes } from './discovery.test-support.ts';

let remotes: TestRemotes;
beforeAll(async () => {
  remotes = await startTestRemotes();
});
afterAll(() => remotes.close());

const edit = (name: string): Task => ({ type: 'edit', edit: { sourceRef: { name } } });
const upgrade: Task = {
  type: 'upgrade',
  upgrade: { oldUpstreamRef: { name: 'up.a.v1' }, newUpstreamRef: { name: 'up.a.v2' }, strategy: 'resource-merge' },
};

describe('what the server itself leaves in Git', () => {
  it('is found with workspaces, tasks and publishers', async () => {
    const remote = await remotes.open();
    const first = await publish(remote, 'a', 'ws-1', 1);
    const second = await publish(remote, 'a', 'ws-2', 2, first);
    const draft = await remote.commit({
      message: draftCommitMessage({
        path: 'a',
        workspaceName: 'ws-3',
        task: edit('r.a.ws-2'),
      }),
      parents: [second],
      refs: ['refs/heads/drafts/a/ws-3'],
    });
    await remote.git('update-ref', 'refs/heads/proposed/a/ws-4', draft);
    const found = await discover(remote);
    expect(found.skipped).toEqual([]);
    expect(found.head).toBe(second);
    expect(found.revisions.map(line)).toEqual([
      'a main -1 Published',
      'a ws-3 0 Draft',
      'a ws-4 0 Proposed',
      'a ws-1 1 Published',
      'a ws-2 2 Published',
    ]);
    const [placeholder, ws3, ws4, one, two] = found.revisions;
    expect(placeholder).toMatchObject({ commit: second, tasks: [], refs: {}, publishedBy: 'approver@example.com' });
    expect(ws3).toMatchObject({ commit: draft, tasks: [edit('r.a.ws-2')] });
    expect(ws3?.publishedBy).toBeUndefined();
    expect(ws4?.tasks).toEqual([]);
    expect(one).toMatchObject({ commit: first, tasks: [init], publishedBy: 'approver@example.com' });
    expect(two).toMatchObject({ commit: second, tasks: [init], refs: { 'refs/tags/a/v2': second } });
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
  });

  it('is found where there are many tags, on the branch and beside it', async () => {
    const remote = await remotes.open();
    const count = 150;
    const commands: string[] = [];
    const commit = (ref: string, message: string, from: string): number => {
      const mark = commands.length + 1;
      const content = kptfile(`a-${mark}`);
      const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
      commands.push(
        `commit ${ref}\nmark :${mark}\ncommitter x <x@example.com> ${mark} +0000\n${data(message)}${from}M 644 inline a/Kptfile\n${data(content)}`,
      );
      return mark;
    };
    let main = commit('refs/heads/main', draftCommitMessage({ path: 'a', workspaceName: 'ws-1', task: init }), '');
    for (let revision = 1; revision <= count; revision++) {
      const workspaceName = `ws-${revision}`;
      const created = draftCommitMessage({ path: 'a', workspaceName, task: init });
      const draft = commit('refs/heads/main', created, `from :${main}\n`);
      const approval = approvalCommitMessage({ path: 'a', workspaceName, revision });
      // Every tenth is not on the branch.
      const aside = revision % 10 === 0;
      const published = commit(aside ? 'refs/heads/aside' : 'refs/heads/main', approval, `from :${draft}\n`);
      commands.push(`reset refs/tags/a/v${revision}\nfrom :${published}\n`);
      main = aside ? draft : published;
    }
    await plainGit(remote.directory, ['fast-import', '--quiet'], { input: commands.join('\n') });
    const found = await discover(remote);
    expect(found.skipped).toEqual([]);
    const numbered = found.revisions.filter(({ revision }) => revision > 0);
    expect(numbered.map(({ revision, workspaceName, tasks }) => [revision, workspaceName, tasks])).toEqual(
      Array.from({ length: count }, (_, index) => [index + 1, `ws-${index + 1}`, [init]]),
    );
  });

  it('shows proposed deletions of revisions and of what tracks the branch', async () => {
    const remote = await remotes.open();
    const commit = await publish(remote, 'x/a', 'w', 1);
    await publish(remote, 'x/b', 'w', 1, commit);
    await remote.git('update-ref', 'refs/heads/deletionProposed/x/a/v1', commit);
    await remote.git('update-ref', 'refs/heads/deletionProposed/x/b/main', commit);
    await remote.git('update-ref', 'refs/heads/deletionProposed/x/c/v1', commit);
    const found = await discover(remote);
    expect(found.revisions.map(line)).toEqual([
      'x/a main -1 Published',
      'x/a w 1 DeletionProposed',
      'x/b main -1 DeletionProposed',
      'x/b w 1 Published',
    ]);
    expect(found.revisions[1]?.refs).toEqual({
      'refs/tags/x/a/v1': commit,
      'refs/heads/deletionProposed/x/a/v1': commit,
    });
    expect(found.revisions[2]?.refs).toEqual({ 'refs/heads/deletionProposed/x/b/main': commit });
  });
});

describe('tasks', () => {
  it('do not come back from an earlier life of a workspace', async () => {
    const remote = await remotes.open();
    const main = await publish(remote, 'a', 'again', 1);
    await remote.git('update-ref', '-d', 'refs/tags/a/v1');
    await remote.commit({
      message: draftCommitMessage({ path: 'a', workspaceName: 'again', task: edit('r.a.v1') }),
      parents: [main],
      refs: ['refs/heads/drafts/a/again'],
    });
    const found = await discover(remote);
    expect(found.revisions.find((revision) => revision.revision === 0)?.tasks).toEqual([edit('r.a.v1')]);
  });

  it('are found behind many renderings, merges and commits by hand, and only among ancestors', async () => {
    const remote = await remotes.open();
    const root = await remote.commit({ message: 'root', files: { 'README.md': 'r' }, refs: ['refs/heads/main'] });
    let draft = await remote.commit({
      message: draftCommitMessage({ path: 'a', workspaceName: 'w', task: init }),
      files: { 'a/Kptfile': kptfile('a') },
      parents: [root],
    });
    for (let i = 0; i < 120; i++) {
      const message =
        i % 2 === 0 ? 'by hand' : draftCommitMessage({ path: 'a', workspaceName: 'w', task: { type: 'render' } });
      draft = await remote.commit({ message, parents: [draft] });
    }
    await remote.commit({ message: 'more', parents: [draft], refs: ['refs/heads/drafts/a/w'] });
    // Another attempt in the same workspace that was abandoned elsewhere.
    await remote.commit({
      message: draftCommitMessage({ path: 'a', workspaceName: 'w', task: { type: 'clone', clone: {} } }),
      files: { 'b/Kptfile': kptfile('b') },
      parents: [root],
      refs: ['refs/heads/drafts/b/other'],
    });
    const found = await discover(remote);
    expect(found.revisions.map((revision) => revision.tasks)).toEqual([[init], []]);
  }, 300_000);

  it('are the oldest that there is, but for an init or a clone, behind which nothing counts', async () => {
    const remote = await remotes.open();
    const tasks: Record<string, readonly Task[]> = {
      edits: [edit('r.a.v1'), edit('r.a.v2')],
      upgrades: [upgrade, edit('r.a.v2')],
      inits: [edit('r.a.v1'), init, edit('r.a.v2')],
    };
    for (const [path, all] of Object.entries(tasks)) {
      let draft: string | undefined;
      for (const task of all) {
        draft = await remote.commit({
          message: draftCommitMessage({ path, workspaceName: 'w', task }),
          files: { [`${path}/Kptfile`]: kptfile(path) },
          parents: draft === undefined ? [] : [draft],
          refs: [`refs/heads/drafts/${path}/w`],
        });
      }
    }
    const found = await discover(remote);
    expect(found.revisions.map((revision) => [revision.packageName, ...revision.tasks])).toEqual([
      ['edits', edit('r.a.v1')],
      ['inits', init],
      ['upgrades', upgrade],
    ]);
  });

  it('are only those that the API knows, without what it does not', async () => {
    const remote = await remotes.open();
    const keywords = { type: 'init', init: { keywords: ['k', 'l'] } };
    const messages: Record<string, string> = {
      legacy: 'x\n\nkpt:{"package":"legacy","revision":"w","task":{"type":"eval","eval":{"image":"render"}}}',
      'bogus-edit': draftCommitMessage({ path: 'bogus-edit', workspaceName: 'w', task: { type: 'edit', edit: {} } }),
      keywords: draftCommitMessage({ path: 'keywords', workspaceName: 'w', task: keywords }),
      broken: 'x\n\nkpt:{"package":"broken","work\nkpt:[]\nkpt:{"package":7}\n',
      wrong:
        'x\n\nkpt:{"package":"wrong","workspaceName":"w","revision":"0","task":{"type":"init","init":{"keywords":"no list"}}}',
      extra:
        'x\n\nkpt:{"package":"extra","workspaceName":"w","revision":"0","task":{"type":"init","init":{"description":"d","packageContext":{}},"clone":{}}}',
      text: 'x\n\nkpt:{"package":"text","workspaceName":"w","revision":"0","task":{"type":"init","init":"text"}}',
      second:
        'x\n\nkpt:{}\n\n  kpt:{"package":"second","workspaceName":"w","revision":"0","task":{"type":"init","init":{"description":"d"}}}  \n\ntrailer: x',
    };
    for (const [path, message] of Object.entries(messages)) {
      await remote.commit({
        message,
        files: { [`${path}/Kptfile`]: kptfile(path) },
        refs: [`refs/heads/drafts/${path}/w`],
      });
    }
    const found = await discover(remote);
    expect(Object.fromEntries(found.revisions.map((revision) => [revision.packageName, revision.tasks]))).toEqual({
      'bogus-edit': [],
      broken: [],
      extra: [init],
      keywords: [keywords],
      legacy: [],
      second: [init],
      text: [],
      wrong: [],
    });
  });
});

describe('references that people made', () => {
  it('are read as far as they make sense', async () => {
    const remote = await remotes.open();
    const commit = await remote.commit({
      message: 'All',
      files: {
        'a/Kptfile': kptfile('a'),
        'a/b/Kptfile': kptfile('sub'),
        'Upper/Kptfile': 'x',
        'lone/README.md': '',
        'link/Kptfile': { link: '../a/Kptfile' },
      },
    });
    const tags = [
      'a/v1.2.3',
      'a/v2',
      'a/3',
      'a/v0',
      'a/latest',
      'a/Bad_Name',
      'v9',
      'Upper/v1',
      'lone/v1',
      'gone/v1',
      'a/b/v1',
      'a/b/c/v1',
      'link/v1',
    ];
    for (const tag of tags) await remote.git('update-ref', `refs/tags/${tag}`, commit);
    await remote.git('update-ref', 'refs/heads/drafts/alone', commit);
    await remote.git('update-ref', 'refs/heads/feature/a/v1', commit);
    const found = await discover(remote);
    expect(found.head).toBeNull();
    expect(found.revisions.map(line)).toEqual([
      'a latest -1 Published',
      'a v0 -1 Published',
      'a v1.2.3 -1 Published',
      'a v2 2 Published',
      'a v3 3 Published',
      'a/b v1 1 Published',
    ]);
    expect(skips(found).sort()).toEqual([
      'refs/tags/Upper/v1  name',
      'refs/tags/a/Bad_Name  name',
      'refs/tags/a/b/c/v1  content',
      'refs/tags/gone/v1  content',
      'refs/tags/link/v1  content',
      'refs/tags/lone/v1  content',
    ]);
  });

  it('may be annotated tags, or name what is no commit', async () => {
    const remote = await remotes.open();
    const commit = await publish(remote, 'a', 'w', 1);
    await remote.git('tag', '-a', '-m', 'by hand', 'a/v2', commit);
    await remote.git('update-ref', 'refs/tags/a/v4', await remote.git('rev-parse', `${commit}^{tree}`));
    const tag = await remote.git('rev-parse', 'refs/tags/a/v2');
    const found = await discover(remote);
    // The approval speaks of revision 1, so the second tag has a workspace of its own.
    expect(found.revisions.map(line)).toEqual(['a main -1 Published', 'a w 1 Published', 'a v2 2 Published']);
    expect(found.revisions[2]).toMatchObject({ commit, refs: { 'refs/tags/a/v2': tag } });
    expect(skips(found)).toEqual(['refs/tags/a/v4  content']);
  });

  it('give one revision where several would have one name', async () => {
    const remote = await remotes.open();
    const commit = await publish(remote, 'a', 'w', 1);
    for (const ref of [
      'refs/tags/a/1',
      'refs/heads/drafts/a/w',
      'refs/heads/proposed/a/w',
      'refs/heads/drafts/a/main',
    ]) {
      await remote.git('update-ref', ref, commit);
    }
    const found = await discover(remote);
    expect(found.revisions.map((revision) => revision.ref)).toEqual(['refs/heads/main', 'refs/tags/a/v1']);
    expect(skips(found).sort()).toEqual([
      'refs/heads/drafts/a/main  duplicate',
      'refs/heads/drafts/a/w  duplicate',
      'refs/heads/proposed/a/w  duplicate',
      'refs/tags/a/1  duplicate',
    ]);
  });

  it('can have the workspace of a package where another package begins', async () => {
    const remote = await remotes.open();
    const files = { 'a/Kptfile': kptfile('a'), 'a/b/Kptfile': kptfile('b') };
    const commit = await remote.commit({ message: 'Both', files, refs: ['refs/heads/drafts/a/b'] });
    await remote.git('update-ref', 'refs/heads/proposed/a/b/c', commit);
    expect((await discover(remote)).revisions.map(line)).toEqual(['a b 0 Draft', 'a/b c 0 Proposed']);
  });
});

describe('the tracked branch', () => {
  it('has a revision for each outermost Kptfile', async () => {
    const remote = await remotes.open();
    await remote.commit({
      message: 'All',
      files: {
        'README.md': 'r',
        'a/Kptfile': kptfile('a'),
        'a/sub/Kptfile': kptfile('sub'),
        'deep/er/b/Kptfile': kptfile('b'),
        'deep/Bad_Name/Kptfile': kptfile('bad'),
        'src/x/y/z.txt': 'z',
        'link/Kptfile': { link: '../a/Kptfile' },
        'dir/Kptfile/Kptfile': 'x',
      },
      refs: ['refs/heads/release-1', 'refs/heads/release/2'],
    });
    const found = await discover(remote, { branch: 'release-1' });
    expect(found.revisions.map(line)).toEqual(['a release-1 -1 Published', 'deep/er/b release-1 -1 Published']);
    expect(skips(found).sort()).toEqual([
      'refs/heads/release-1 deep/Bad_Name name',
      'refs/heads/release-1 dir/Kptfile name',
    ]);
    const unnameable = await discover(remote, { branch: 'release/2' });
    expect(unnameable.revisions).toEqual([]);
    expect(unnameable.skipped).toHaveLength(4);
  });

  it('is read only below the directory of the Repository, as are tags and branches', async () => {
    const remote = await remotes.open();
    const commit = await publish(remote, 'team/a', 'w', 1);
    const other = await publish(remote, 'teams/b', 'w', 1, commit);
    await remote.git('update-ref', 'refs/heads/drafts/team/a/d', other);
    await remote.git('update-ref', 'refs/tags/team/v1', other);
    const found = await discover(remote, { directory: '/team/' });
    expect(found.revisions.map(line)).toEqual(['a main -1 Published', 'a d 0 Draft', 'a w 1 Published']);
    expect(found.revisions.map((revision) => revision.path)).toEqual(['team/a', 'team/a', 'team/a']);
    expect(skips(found)).toEqual(['refs/tags/team/v1  name']);
    expect((await discover(remote, { directory: 'nowhere' })).revisions).toEqual([]);
    const root = await discover(remote, { directory: 'team/a' });
    expect(root.revisions).toEqual([]);
    expect(root.skipped.map((skip) => skip.kind)).toEqual(['name', 'name', 'name']);
  });
});
