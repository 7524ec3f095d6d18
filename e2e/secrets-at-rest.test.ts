import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from './harness/eventually.ts';
import { expectStatus, repositoriesPath } from './harness/packages.ts';
import { createSecret, gitPassword, gitSecret, gitUser, startWorld, type World } from './harness/world.ts';

const secretsPath = '/api/v1/namespaces/default/secrets';
const wrong = 'a-wrong-password-0123456789';
const pasted = 'a-password-in-a-url-0123456789';
const policy = `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: RequestResponse
`;

let directory: string;
let world: World;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'porch-secrets-'));
  await writeFile(join(directory, 'policy.yaml'), policy);
  const flags = [
    '--log-level=trace',
    `--audit-log-path=${join(directory, 'audit.log')}`,
    `--audit-policy-file=${join(directory, 'policy.yaml')}`,
  ];
  world = await startWorld({ porch: { dataDirectory: join(directory, 'data'), flags } });
});
afterAll(async () => {
  await world?.close();
  await rm(directory, { recursive: true, force: true });
});

/** A text in the forms in which it may lie about: as it is, in URLs, in JSON, and inside any base64. */
function disguises(text: string): string[] {
  const base64 = [0, 1, 2].map((shift) => {
    const encoded = Buffer.from('x'.repeat(shift) + text).toString('base64');
    // The first and last letters depend on what stands beside it.
    return encoded.slice(shift === 0 ? 0 : 4, -4);
  });
  const withUser = Buffer.from(`${gitUser}:${text}`).toString('base64').slice(0, -4);
  return [
    text,
    encodeURIComponent(text),
    JSON.stringify(text).slice(1, -1),
    Buffer.from(text).toString('hex'),
    ...base64,
    withUser,
  ];
}

/** Places, of all files below a directory and all that was printed, that have one of the texts. */
async function placesOf(texts: readonly string[]): Promise<string[]> {
  const places: string[] = [];
  const look = (place: string, content: Buffer): void => {
    for (const text of texts) if (content.includes(text)) places.push(`${place}: ${text}`);
  };
  let files = 0;
  // Folders of Git may go while they are looked through, and then all is looked for again.
  const entries = await eventually('all that is there', () =>
    readdir(directory, { recursive: true, withFileTypes: true }),
  );
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    files++;
    const path = join(entry.parentPath, entry.name);
    // A file may go while it is looked for: temporary ones of Git do.
    const content = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return Buffer.alloc(0);
      throw error;
    });
    look(path, content);
  }
  expect(files).toBeGreaterThan(10);
  look('what the server printed', Buffer.from(world.porch.output));
  return places;
}

it('a password that the server has used lies in no file, in no log and in no message', async () => {
  const { porch, packages } = world;
  await world.addRepository('repo');
  await packages.publish({ repository: 'repo', packageName: 'p', workspaceName: 'v1' });
  expectStatus(await packages.create({ repository: 'repo', packageName: 'q', workspaceName: 'v1' }), 201);

  await createSecret(porch, gitSecret, wrong);
  await world.ready('repo', 'False');
  await createSecret(porch, gitSecret, gitPassword);
  await world.ready('repo');

  const applied = `apiVersion: v1\nkind: Secret\nmetadata: {name: applied}\nstringData: {password: ${gitPassword}}\n`;
  await porch.kubectl(['apply', '-f', '-', '--server-side'], applied);
  await porch.kubectl(['create', 'secret', 'generic', 'binary', `--from-literal=password=${gitPassword}`]);
  const patch = { stringData: { more: gitPassword } };
  const type = { 'content-type': 'application/merge-patch+json' };
  expectStatus(await porch.http('PATCH', `${secretsPath}/applied`, patch, type), 200);
  expectStatus(await porch.http('GET', `${secretsPath}/applied`), 200);
  expectStatus(await porch.http('DELETE', `${secretsPath}/applied`), 200);
  const broken = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'B' },
    stringData: { password: gitPassword },
    type: 7,
  };
  expect((await porch.http('POST', secretsPath, broken)).text).not.toContain(gitPassword);

  const repo = world.git.url('repo').replace('://', `://${gitUser}:${pasted}@`);
  const refused = await porch.http('POST', repositoriesPath, {
    apiVersion: 'config.porch.kpt.dev/v1alpha1',
    kind: 'Repository',
    metadata: { name: 'pasted' },
    spec: { type: 'git', git: { repo } },
  });
  expect([refused.status, refused.text.includes(pasted)]).toEqual([400, false]);

  await eventually('the audit log', async () =>
    (await readFile(join(directory, 'audit.log'), 'utf8')).includes('"secrets"'),
  );
  const texts = [gitPassword, wrong, pasted].flatMap(disguises);
  expect(await placesOf(texts)).toEqual([]);
  await porch.kill();
  expect(await placesOf(texts)).toEqual([]);
  // The search finds what is there: the name of a Secret is none.
  expect(await placesOf([gitSecret])).not.toEqual([]);
});
