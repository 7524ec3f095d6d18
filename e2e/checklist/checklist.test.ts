import { afterAll, beforeAll } from 'vitest';
import { startWorld, type World } from '../harness/world.ts';
import { lifecycleChecks } from './lifecycle.ts';
import { metadataChecks } from './metadata.ts';
import { porchctlChecks } from './porchctl.ts';
import { repositoryChecks } from './repositories.ts';
import { selectorChecks } from './selectors.ts';
import { taskChecks } from './tasks.ts';

/** What users of the Go server count on, as far as no other test beside this folder shows it. */

let world: World | undefined;
const shared = {
  get(): World {
    if (world === undefined) throw new Error('the server has not been started');
    return world;
  },
};

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

repositoryChecks(shared);
taskChecks(shared);
lifecycleChecks(shared);
metadataChecks(shared);
selectorChecks(shared);
porchctlChecks(shared);
