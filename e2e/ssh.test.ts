import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from './harness/api-client.ts';
import { expectStatus, repositoriesPath } from './harness/packages.ts';
import { Remote } from './harness/remote.ts';
import { noSshServer, type SshServer, startSshServer } from './harness/ssh-server.ts';
import { readyCondition, startWorld, type World } from './harness/world.ts';

const secretsPath = '/api/v1/namespaces/default/secrets';

describe.skipIf(noSshServer !== undefined)(
  `repositories over SSH${noSshServer ? ` (skipped: ${noSshServer})` : ''}`,
  () => {
    let world: World;
    let ssh: SshServer;

    beforeAll(async () => {
      ssh = await startSshServer();
      world = await startWorld({ porch: { flags: ['--log-level=trace'] } });
    });
    afterAll(async () => {
      await world?.close();
      await ssh?.close();
    });

    async function secret(name: string, stringData: Json): Promise<void> {
      const object = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name },
        type: 'kubernetes.io/ssh-auth',
        stringData,
      };
      expectStatus(await world.porch.http('POST', secretsPath, object), 201);
    }

    async function setKnownHosts(name: string, text: string): Promise<void> {
      const type = { 'content-type': 'application/merge-patch+json' };
      const patch = { stringData: { known_hosts: text } };
      expectStatus(await world.porch.http('PATCH', `${secretsPath}/${name}`, patch, type), 200);
    }

    it('carry packages from draft to tag, say what is wrong with a host key, and show the key to nobody', async () => {
      await ssh.createRepository('packages');
      const remote = new Remote(ssh.directory('packages'));
      await remote.push('main', { 'README.md': 'A repository\n' });
      await secret('key', { 'ssh-privatekey': ssh.privateKey, known_hosts: ssh.wrongKnownHosts });
      await world.register('packages', { git: { repo: ssh.url('packages'), secretRef: { name: 'key' } } });
      const changed = readyCondition(await world.ready('packages', 'False'));
      expect(changed).toMatchObject({ reason: 'Error' });
      expect(changed.message).toMatch(/^HostKey: .*shows another key .*\. Compare the server's key .* known_hosts/);

      await setKnownHosts('key', ssh.knownHosts);
      await world.ready('packages');
      await world.packages.publish({ repository: 'packages', packageName: 'p', workspaceName: 'w' });
      expect(Object.keys(await remote.refs())).toEqual(['heads/main', 'tags/p/v1']);

      const middle = ssh.privateKey.split('\n')[2] ?? '';
      expect(middle).toHaveLength(70);
      const repositories = JSON.stringify((await world.porch.http('GET', repositoriesPath)).json);
      for (const shown of [world.porch.output, repositories]) expect(shown).not.toContain(middle);
      expect(readdirSync(join(world.porch.dataDirectory, 'ssh'))).toEqual([]);
    });

    it('refuse a clone over SSH whose Secret does not know the host, with the field that names the Secret', async () => {
      await world.addRepository('clones');
      await secret('stranger', { 'ssh-privatekey': ssh.privateKey, known_hosts: ssh.wrongKnownHosts });
      const git = { repo: ssh.url('packages'), ref: 'main', directory: 'p', secretRef: { name: 'stranger' } };
      const answer = await world.packages.create({
        repository: 'clones',
        packageName: 'c',
        workspaceName: 'v1',
        task: { type: 'clone', clone: { upstreamRef: { type: 'git', git } } },
      });
      expect(answer.status).toBe(400);
      expect(answer.json.message).toMatch(
        /shows another key .* known_hosts of the Secret named in spec\.tasks\[0\]\.clone\.upstreamRef\.git\.secretRef\.name/,
      );
    });
  },
);
