import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../harness/api-client.ts';
import { eventually } from '../harness/eventually.ts';
import { type GitServer, startGitServer } from '../harness/git-server.ts';
import { expectStatus } from '../harness/packages.ts';
import type { Remote } from '../harness/remote.ts';
import { gitPassword, gitUser } from '../harness/world.ts';
import { AggregatedPorch } from './aggregated-porch.ts';
import { ControlPlane } from './control-plane.ts';
import { findControlPlane } from './control-plane-programs.ts';
import { Team } from './team.ts';

const programs = findControlPlane();

describe.skipIf(programs?.controllerManager === undefined)("owners and a cluster's garbage collector", () => {
  let git: GitServer;
  let plane: ControlPlane;
  let porch: AggregatedPorch;
  let team: Team;
  let remote: Remote;
  beforeAll(async () => {
    if (programs === undefined) return;
    git = await startGitServer({ users: { [gitUser]: gitPassword } });
    plane = await ControlPlane.start(programs);
    await plane.startControllerManager();
    porch = await AggregatedPorch.install(plane);
    await porch.start();
    await porch.available();
    team = await Team.create(plane, git, 'owners');
    remote = await team.addRepository('blueprints');
  });
  afterAll(async () => {
    await porch?.stop();
    await plane?.close();
    await git?.close();
  });

  const configMaps = '/api/v1/namespaces/owners/configmaps';
  const configMap = async (name: string, owner?: Json): Promise<Json> => {
    const ownerReferences = owner === undefined ? [] : [reference(owner)];
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ownerReferences } };
    return expectStatus(await team.admin.client.send('POST', configMaps, object), 201);
  };
  const reference = ({ apiVersion, kind, metadata: { name, uid } }: Json): Json => ({ apiVersion, kind, name, uid });
  const own = async (name: string, owner: Json): Promise<void> => {
    const patch = JSON.stringify({ metadata: { ownerReferences: [reference(owner)] } });
    await team.kubectl(team.editor, ['patch', 'packagerevision', name, '--type=merge', '-p', patch]);
  };
  const remove = async (name: string) =>
    expectStatus(await team.admin.client.send('DELETE', `${configMaps}/${name}`), 200);
  const keptEvent = (uid: string): Promise<Json> =>
    eventually('the Event', async () => {
      const selector = `involvedObject.uid=${uid},reason=KeptWithoutOwners`;
      const said = await team.kubectl(team.admin, ['get', 'events', `--field-selector=${selector}`, '-o', 'json']);
      return JSON.parse(said).items[0];
    });

  it('a draft goes with its owner, and what it owns with the draft', async () => {
    const owner = await configMap('of-draft');
    const draft = expectStatus(await team.create('blueprints', 'draft'), 201);
    await configMap('by-draft', draft);
    await own(draft.metadata.name, owner);
    await remove('of-draft');
    await eventually('the draft to be gone', async () => (await team.get(draft.metadata.name)).status === 404);
    await eventually(
      'what it owned to be gone',
      async () => (await team.admin.client.send('GET', `${configMaps}/by-draft`)).status === 404,
    );
  });

  it('what is published stays in Git when its owners are gone, also when its deletion is proposed', async () => {
    const owner = await configMap('of-published');
    const { metadata } = await team.publish('blueprints', 'kept');
    const commit = await remote.git('rev-parse', 'refs/tags/kept/v1');
    expectStatus(await team.setLifecycle(metadata.name, 'DeletionProposed', team.editor), 200);
    await own(metadata.name, owner);
    await remove('of-published');
    expect(await keptEvent(metadata.uid)).toMatchObject({ type: 'Warning', involvedObject: { name: metadata.name } });
    expect(expectStatus(await team.get(metadata.name), 200).spec.lifecycle).toBe('DeletionProposed');
    expect(await remote.git('rev-parse', 'refs/tags/kept/v1')).toBe(commit);
    await team.kubectl(team.approver, ['delete', 'packagerevision', metadata.name]);
    expect(await remote.git('tag', '--list', 'kept/*')).toBe('');
  });
});
