import { randomBytes } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { startTrial, type Trial } from './trial.test-support.ts';

const mostBytes = 40_000;
let trial: Trial;
/** Pushes wait for it. */
let gate: Promise<void>;

afterEach(() => trial?.close());

/** A hook that looks at every commit of a push, as those of Git hosts do that keep credentials or large files out. */
const script = `#!/bin/sh
while read old new ref; do
  for commit in $(git rev-list "$new" --not --all 2>/dev/null); do
    if git ls-tree -r --name-only "$commit" | grep -q credentials; then echo "$commit has credentials" >&2; exit 1; fi
  done
done
`;

const remotes: readonly (readonly [string, () => Promise<void>])[] = [
  [
    'a hook dislikes',
    async () => {
      const hooks = join(trial.gitServer.directory('r'), 'hooks');
      await mkdir(hooks, { recursive: true });
      await writeFile(join(hooks, 'pre-receive'), script);
      await chmod(join(hooks, 'pre-receive'), 0o755);
    },
  ],
  ['is too large', async () => {}],
];

async function begin(mode: 'async' | 'off', prepare: () => Promise<void>): Promise<void> {
  gate = Promise.resolve();
  trial = await startTrial(mode, {
    async onRequest({ method, service, headers }) {
      if (service === 'git-receive-pack') await gate;
      const isLarge = Number(headers['content-length'] ?? 0) > mostBytes;
      return method === 'POST' && service === 'git-receive-pack' && isLarge ? { status: 413 } : undefined;
    },
  });
  await trial.addRepository('r');
  await prepare();
}

/** Every commit of the draft but the first has a file that the remote does not want, until it is taken out. */
async function addUnwanted(name: string, bytes = mostBytes): Promise<void> {
  await trial.setFiles(name, (files) => {
    files['credentials.txt'] = randomBytes(bytes).toString('base64');
  });
}

async function takeOut(name: string): Promise<void> {
  await trial.setFiles(name, (files) => {
    delete files['credentials.txt'];
    files['notes.txt'] = 'kept elsewhere';
  });
}

const historyOf = (reference: string): Promise<string> =>
  trial.git('r', 'log', '--format=', '--name-only', '--first-parent', '-m', reference);

test.each(remotes)('a draft with a file that %s gets to Git when that is taken out', async (_what, prepare) => {
  await begin('async', prepare);
  await trial.parts.queue.hold('default', 'r', 'r.p.w', async () => {
    await trial.create('r', 'p', 'w');
    await addUnwanted('r.p.w');
  });
  await expect(trial.mirrored('r.p.w')).rejects.toThrow(/has credentials|413/);
  await takeOut('r.p.w');
  await trial.mirrored('r.p.w');
  expect(await historyOf('drafts/p/w')).not.toContain('credentials');
  expect(await trial.git('r', 'show', 'drafts/p/w:p/notes.txt')).toBe('kept elsewhere');

  // What it was made by is still known to whoever reads it from Git alone.
  expect(await trial.git('r', 'log', '-1', '--format=%B', 'drafts/p/w')).toContain('"type":"init"');
  expect((await trial.publish('r.p.w')).spec.revision).toBe(1);
  trial.restartSync('r');
  await trial.sync('r');
  expect(trial.get('r.p.w')?.spec.tasks).toMatchObject([{ type: 'init' }]);
});

test.each(remotes)('so does a publication of a draft that Git has not seen: %s', async (_what, prepare) => {
  await begin('off', prepare);
  await trial.create('r', 'p', 'w');
  await addUnwanted('r.p.w');
  await expect(trial.publish('r.p.w')).rejects.toMatchObject({
    code: 400,
    message: expect.stringMatching(/has credentials|413.*Take large files out/),
  });
  await trial.setLifecycle('r.p.w', 'Draft');
  await takeOut('r.p.w');
  expect((await trial.publish('r.p.w')).spec.revision).toBe(1);
  expect(await trial.git('r', 'log', '--format=', '--name-only', '-m', 'p/v1')).not.toContain('credentials');
  expect(await trial.git('r', 'show', 'p/v1:p/notes.txt')).toBe('kept elsewhere');
  expect(await trial.references('r')).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
});

test('what a hook dislikes in one draft holds up no other of the same push', async () => {
  await begin('async', remotes[0]?.[1] ?? (async () => {}));
  const drafts = ['bad', 'good', 'better', 'best'];
  const go = Promise.withResolvers<void>();
  gate = go.promise;
  await trial.create('r', 'first', 'w');
  for (const name of drafts) await trial.create('r', name, 'w');
  await addUnwanted('r.bad.w', 100);
  // All of them wait for the first push, and share the next one. Nobody waits for them: whoever does has one pushed by itself.
  go.resolve();
  const inGit = () => trial.git('r', 'for-each-ref', '--format=%(refname:lstrip=3)', 'refs/heads/drafts');
  await expect.poll(inGit).toBe('best/w\nbetter/w\nfirst/w\ngood/w');
});
