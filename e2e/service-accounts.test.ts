import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiClient } from './harness/api-client.ts';
import { fullySupported, kubectlPrograms } from './harness/kubectl.ts';
import { revisionsPath } from './harness/packages.ts';
import { startWorld, type World } from './harness/world.ts';

const oldest = 24;

describe.each(kubectlPrograms())('programs with a service account, with $title', (program) => {
  let world: World;
  const kubectl = (line: string) => world.porch.kubectl(line.split(' '));
  const refusal = async (line: string) => (await world.porch.kubectlResult(line.split(' '))).stderr;

  beforeAll(async () => {
    world = await startWorld({ porch: { program } });
    await kubectl('create serviceaccount ci -n default');
    await kubectl('create rolebinding ci --clusterrole=porch-viewer --serviceaccount=default:ci -n default');
  });
  afterAll(() => world?.close());

  /** What a request with this token, and no certificate, is answered with. */
  async function ask(token: string, path = revisionsPath) {
    const { address, authority } = world.porch.connection;
    const client = apiClient({ address, authority });
    try {
      return await client.send('GET', path, undefined, { authorization: `Bearer ${token}` });
    } finally {
      client.close();
    }
  }

  it.skipIf(program.minor < oldest)(
    'come in with a token that kubectl asks for, and may do what their roles say',
    async () => {
      const token = (await kubectl('create token ci -n default')).trim();
      expect((await ask(token)).status).toBe(200);
      const elsewhere = await ask(token, '/api/v1/namespaces/default/secrets');
      expect(elsewhere.json).toMatchObject({
        code: 403,
        message: expect.stringContaining('User "system:serviceaccount:default:ci" cannot list resource "secrets"'),
      });
      expect(world.porch.output).not.toContain(token);
      await world.porch.restart();
      expect((await ask(token)).status).toBe(200);
      await kubectl('delete serviceaccount ci -n default');
      expect((await ask(token)).json).toMatchObject({ code: 401, message: expect.stringContaining('default/ci') });
      await kubectl('create serviceaccount ci -n default');
      expect((await ask(token)).status).toBe(401);
      expect((await ask((await kubectl('create token ci -n default')).trim())).status).toBe(200);
    },
  );

  it.skipIf(program.minor < fullySupported)('lose a token with the Secret that it is bound to', async () => {
    await kubectl('create secret generic session -n default');
    const bound = 'create token ci -n default --duration=10m --bound-object-kind=Secret --bound-object-name=session';
    const token = (await kubectl(bound)).trim();
    expect((await ask(token)).status).toBe(200);
    await kubectl('delete secret session -n default');
    expect((await ask(token)).json).toMatchObject({
      code: 401,
      message: expect.stringContaining('Secret default/session'),
    });
  });

  it.skipIf(program.minor < oldest)(
    'lose their tokens when the account is deleted, whatever it waits for',
    async () => {
      await kubectl('create serviceaccount held -n default');
      const token = (await kubectl('create token held -n default')).trim();
      expect((await ask(token)).status).toBe(403);
      const hold = (finalizers: string) =>
        kubectl(`patch serviceaccount held -n default --type=merge -p {"metadata":{"finalizers":${finalizers}}}`);
      await hold('["example.com/hold"]');
      await kubectl('delete serviceaccount held -n default --wait=false');
      expect((await ask(token)).json).toMatchObject({ code: 401, message: expect.stringContaining('default/held') });
      expect(await refusal('create token held -n default')).toContain('serviceaccounts "held" not found');
      await hold('null');
    },
  );

  it.skipIf(program.minor < oldest)('are told what is wrong with what they ask for', async () => {
    expect(await refusal('create token nobody -n default')).toContain('serviceaccounts "nobody" not found');
    expect(await refusal('create token ci -n default --duration=5m')).toContain(
      'may not specify a duration less than 10 minutes',
    );
  });

  it('get no token from those who may not make any', async () => {
    const may = async (role: string) =>
      (
        await world.porch.kubectlResult(
          `auth can-i create serviceaccounts --subresource=token --as=${role} -n default`.split(' '),
        )
      ).stdout.trim();
    await kubectl('create rolebinding editor --clusterrole=porch-editor --user=editor -n default');
    await kubectl('create rolebinding admin --clusterrole=porch-admin --user=admin -n default');
    expect([await may('editor'), await may('admin')]).toEqual(['no', 'yes']);
  });
});
