import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type ApiClient, apiClient, type Json } from './harness/api-client.ts';
import { eventually } from './harness/eventually.ts';
import { expectStatus } from './harness/packages.ts';
import type { Remote } from './harness/remote.ts';
import { startWorld, type World } from './harness/world.ts';

const secret = 'a secret that only the Git host knows';
const kptfile = (name: string): string => `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\n`;

let directory: string;
let secretFile: string;
let world: World;
let remote: Remote;
/** Somebody without any credentials, as a Git host is. */
let host: ApiClient;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'porch-webhooks-'));
  secretFile = join(directory, 'secrets');
  await writeFile(secretFile, `# the old one goes when all hosts have the new one\n${secret}\n`);
  const flags = ['--webhook-secret-file', secretFile, '--repo-sync-frequency', '10h'];
  world = await startWorld({ porch: { flags } });
  remote = await world.addRepository('r');
  const { address, authority } = world.porch.connection;
  host = apiClient({ address, authority });
});
afterAll(async () => {
  host?.close();
  await world?.close();
  await rm(directory, { recursive: true, force: true });
});

const sign = (body: string, key: string): string => createHmac('sha256', key).update(body).digest('hex');

function github(notice: Json, options: { event?: string; key?: string } = {}): Promise<Answer> {
  const body = JSON.stringify(notice);
  return host.send('POST', '/hooks/github', body, {
    'content-type': 'application/json',
    'x-github-event': options.event ?? 'push',
    'x-hub-signature-256': `sha256=${sign(body, options.key ?? secret)}`,
  });
}

/** Publishes a package with plain git, beside the server. */
async function pushPackage(name: string): Promise<string> {
  await remote.push('main', { [`${name}/Kptfile`]: kptfile(name) }, { tags: [`${name}/v1`] });
  return `r.${name}.v1`;
}

const addresses = (): Json => ({ clone_url: world.git.url('r'), ssh_url: 'git@127.0.0.1:r.git' });

describe('a notice of a push', () => {
  it('from GitHub starts a synchronisation at once, and says of which repository', async () => {
    const name = await pushPackage('from-github');
    const answer = await github({ ref: 'refs/tags/from-github/v1', repository: addresses() });
    expect(expectStatus(answer, 202)).toEqual({ started: ['default/r'] });
    await world.packages.appeared(name);
  });

  it('from GitHub as a form, as its web pages propose', async () => {
    const name = await pushPackage('from-form');
    const body = new URLSearchParams({ payload: JSON.stringify({ repository: addresses() }) }).toString();
    const answer = await host.send('POST', '/hooks/github', body, {
      'content-type': 'application/x-www-form-urlencoded',
      'x-github-event': 'push',
      'x-hub-signature-256': `sha256=${sign(body, secret)}`,
    });
    expectStatus(answer, 202);
    await world.packages.appeared(name);
  });

  it('from Gitea', async () => {
    const name = await pushPackage('from-gitea');
    const body = JSON.stringify({ repository: { ...addresses(), html_url: world.git.url('r').replace(/\.git$/, '') } });
    const answer = await host.send('POST', '/hooks/gitea', body, {
      'content-type': 'application/json',
      'x-gitea-event': 'push',
      'x-gitea-signature': sign(body, secret),
    });
    expectStatus(answer, 202);
    await world.packages.appeared(name);
  });

  it('from GitLab', async () => {
    const name = await pushPackage('from-gitlab');
    const body = {
      object_kind: 'push',
      project: { git_http_url: world.git.url('r').toUpperCase().replace('HTTP', 'http') },
    };
    const answer = await host.send('POST', '/hooks/gitlab', body, {
      'x-gitlab-event': 'Tag Push Hook',
      'x-gitlab-token': secret,
    });
    expectStatus(answer, 202);
    await world.packages.appeared(name);
  });

  it('that is repeated does no harm', async () => {
    const before = await world.packages.table('r');
    const notice = { repository: addresses() };
    for (const answer of await Promise.all(Array.from({ length: 8 }, () => github(notice)))) expectStatus(answer, 202);
    await world.sync('r');
    expect(await world.packages.table('r')).toEqual(before);
  });

  it('of another repository, or of something else, starts nothing', async () => {
    const unknown = expectStatus(await github({ repository: { clone_url: 'https://example.com/x.git' } }), 200);
    expect(unknown.started).toEqual([]);
    expect(expectStatus(await github({ zen: 'Keep it simple.' }, { event: 'ping' }), 200).started).toEqual([]);
    expect((await github([])).status).toBe(400);
  });

  it('without the secret gets the 401 of any other path, whatever it is about', async () => {
    const nowhere = await host.send('POST', '/somewhere/else', {});
    const answers = [
      await github({ repository: addresses() }, { key: 'a secret that somebody has guessed' }),
      await github({ repository: { clone_url: 'https://example.com/x.git' } }, { key: 'a wrong one' }),
      await host.send(
        'POST',
        '/hooks/gitlab',
        { project: {} },
        { 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': '' },
      ),
      await host.send('POST', '/hooks/gitea', {}),
      await host.send('GET', '/hooks/github'),
    ];
    for (const { status, text } of answers) expect([status, text]).toEqual([401, nowhere.text]);
    expect((await host.send('POST', '/hooks/github', 'x'.repeat(2 * 1024 * 1024 + 1))).status).toBe(413);
  });

  it('may be signed with a new secret as soon as the file has it', async () => {
    const next = 'another secret that the host has now';
    await writeFile(secretFile, `${next}\n`);
    await eventually('the new secret', async () => (await github({}, { key: next })).status === 200);
    expect((await github({})).status).toBe(401);
    expect(world.porch.output).not.toContain(secret);
  });
});
