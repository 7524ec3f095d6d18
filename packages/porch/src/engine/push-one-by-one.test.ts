import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import type { GitServerReaction } from '../../../../e2e/harness/git-server.ts';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;
/** What becomes of the pushes that follow, one after the other, and then of all questions. */
let reactions: GitServerReaction[];
let silent: boolean;
/** Called before the Git server sees a push. */
let beforePush: () => Promise<unknown>;

const broken = { status: 500, body: 'no' };

beforeEach(async () => {
  reactions = [];
  silent = false;
  beforePush = async () => undefined;
  trial = await startTrial('async', {
    async onRequest({ method, service }) {
      if (method !== 'POST') return silent && service === 'git-upload-pack' ? broken : undefined;
      if (service !== 'git-receive-pack') return;
      await beforePush();
      return reactions.shift();
    },
  });
  await trial.addRepository('r');
  await trial.git('r', 'config', 'receive.advertiseAtomic', 'false');
  await trial.create('r', 'p', 'w');
  await trial.setLifecycle('r.p.w', 'Proposed');
  await trial.mirrored('r.p.w');
});
afterEach(() => trial.close());

const log = () => trial.git('r', 'log', '--format=%s', '--first-parent', 'main');
const heads = () => trial.git('r', 'for-each-ref', '--format=%(objectname)', 'refs/heads/main', 'refs/tags/p');

/** A hook of the remote that refuses some references. */
async function protect(references: string): Promise<void> {
  const hooks = join(trial.gitServer.directory('r'), 'hooks');
  const hook = join(hooks, 'update');
  await mkdir(hooks, { recursive: true });
  await writeFile(hook, `#!/bin/sh\ncase $1 in ${references}) echo "policy 17 forbids it" >&2; exit 1;; esac\n`);
  await chmod(hook, 0o755);
}

describe('where the remote takes no atomic pushes', () => {
  test('revisions are published and deleted as everywhere', async () => {
    expect((await trial.setLifecycle('r.p.w', 'Published')).spec).toMatchObject({ revision: 1 });
    expect(await trial.references('r')).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
    await trial.create('r', 'p', 'w2', { type: 'edit', edit: { sourceRef: { name: 'r.p.w' } } });
    expect((await trial.publish('r.p.w2')).spec).toMatchObject({ revision: 2 });
    expect(await trial.references('r')).toEqual(['refs/heads/main', 'refs/tags/p/v1', 'refs/tags/p/v2']);
    expect(await log()).toBe('Approving package revision p/2\nApproving package revision p/1\nStart');
    expect((await trial.sync('r')).changed).toBe(0);
    for (const name of ['r.p.w', 'r.p.w2', 'r.p.main']) {
      await trial.setLifecycle(name, 'DeletionProposed');
      await trial.mirrored(name);
      await trial.remove(name);
    }
    expect(await trial.references('r')).toEqual(['refs/heads/main']);
    expect(await trial.git('r', 'ls-tree', 'main')).toBe('');
  });

  test('nothing is begun where somebody has moved the proposal', async () => {
    const branch = 'refs/heads/proposed/p/w';
    const mine = await trial.git('r', 'commit-tree', `${branch}^{tree}`, '-p', branch, '-m', 'mine');
    await trial.git('r', 'update-ref', branch, mine);
    await expect(trial.setLifecycle('r.p.w', 'Published')).rejects.toMatchObject({
      code: 409,
      message: expect.stringContaining('was changed in Git by someone else'),
    });
    expect(await trial.references('r')).toEqual(['refs/heads/main', branch]);
    expect(await log()).toBe('Start');
  });

  test('a branch that moves meanwhile is taken in', async () => {
    beforePush = async () => {
      beforePush = async () => undefined;
      const other = await trial.git('r', 'commit-tree', 'main^{tree}', '-p', 'main', '-m', 'Other work');
      await trial.git('r', 'update-ref', 'refs/heads/main', other);
    };
    expect((await trial.setLifecycle('r.p.w', 'Published')).spec).toMatchObject({ revision: 1 });
    expect(await log()).toBe('Approving package revision p/1\nOther work\nStart');
    expect(await trial.references('r')).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
  });

  test('a refusal of the branch leaves everything as it was', async () => {
    await protect('refs/heads/main');
    await expect(trial.setLifecycle('r.p.w', 'Published')).rejects.toMatchObject({
      code: 400,
      message: expect.stringContaining('the repository refused the push to main, p/v1, proposed/p/w: hook declined'),
    });
    expect(await trial.references('r')).toEqual(['refs/heads/main', 'refs/heads/proposed/p/w']);
    expect(await log()).toBe('Start');
  });

  test('a refusal of the tag says that the branch is changed, and the next approval goes through', async () => {
    await protect('refs/tags/*');
    await expect(trial.setLifecycle('r.p.w', 'Published')).rejects.toMatchObject({
      code: 400,
      message: expect.stringMatching(/takes no atomic pushes and has taken that to main already, refused .* p\/v1,/),
    });
    expect(await trial.references('r')).toEqual(['refs/heads/main', 'refs/heads/proposed/p/w']);
    expect(await log()).toBe('Approving package revision p/1\nStart');
    expect(trial.get('r.p.w')?.spec.lifecycle).toBe('Proposed');
    await rm(join(trial.gitServer.directory('r'), 'hooks', 'update'));
    expect((await trial.setLifecycle('r.p.w', 'Published')).spec).toMatchObject({ revision: 1 });
    const [main, tag] = (await heads()).split('\n');
    expect(tag).toBe(main);
  });

  test.each(['cut', 'answer-lost'] as const)(
    'a connection that ends (%s) between two references is made again',
    async (fault) => {
      reactions = [undefined, { fault }];
      expect((await trial.setLifecycle('r.p.w', 'Published')).spec).toMatchObject({ revision: 1 });
      expect(await log()).toBe('Approving package revision p/1\nStart');
      expect(await trial.references('r')).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
      expect(await trial.sync('r')).toMatchObject({ changed: 0, skipped: [], left: 0 });
    },
  );

  test.each([
    ['the server that began it', false],
    ['one whose mirror has nothing of it', true],
  ])(
    'a publication that stops between two references is finished when the remote answers again, by %s',
    async (_, anew) => {
      let pushes = 0;
      beforePush = async () => {
        silent = ++pushes > 1;
      };
      reactions = [undefined, broken, broken, broken];
      await expect(trial.setLifecycle('r.p.w', 'Published')).rejects.toMatchObject({ code: 503 });
      expect(await trial.references('r')).toEqual(['refs/heads/main', 'refs/heads/proposed/p/w']);
      beforePush = async () => undefined;
      silent = false;
      reactions = [];
      if (anew) {
        const { removed } = await trial.mirrors.removeUnused({ needed: [], unusedMs: -1, most: 1 });
        expect(removed).toHaveLength(1);
      }
      expect(await trial.settle()).toBe(0);
      expect(trial.get('r.p.w')?.spec).toMatchObject({ lifecycle: 'Published', revision: 1 });
      expect(await trial.references('r')).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
      expect(await log()).toBe('Approving package revision p/1\nStart');
      expect((await trial.sync('r')).changed).toBe(0);
    },
  );

  test('of two that publish one package each gets a number of its own', async () => {
    const other = await trial.git('r', 'commit-tree', 'main^{tree}', '-p', 'main', '-m', 'Theirs');
    let pushes = 0;
    beforePush = async () => {
      // After the branch, before the tag.
      if (++pushes === 2) await plainGit(trial.gitServer.directory('r'), ['update-ref', 'refs/tags/p/v1', other]);
    };
    expect((await trial.setLifecycle('r.p.w', 'Published')).spec).toMatchObject({ revision: 2 });
    expect(await trial.git('r', 'rev-parse', 'p/v1')).toBe(other);
    expect(await trial.references('r')).toEqual(['refs/heads/main', 'refs/tags/p/v1', 'refs/tags/p/v2']);
  });
});
