import { hostname } from 'node:os';
import { LeaderElection } from '../../cluster/leader-election.ts';
import type { EngineParts } from '../../engine/parts.ts';
import type { Composition } from '../composition.ts';
import { instanceId } from '../data-files.ts';
import { isShared } from '../database-url.ts';
import { type Controllers, createControllers } from '../open-controllers.ts';
import type { ServerData } from '../open-data.ts';
import type { Sharing } from '../open-sharing.ts';
import { controllersLease } from './names.ts';
import type { Cluster } from './open-cluster.ts';

/**
 * The controllers of a server behind a kube-apiserver. Servers on one database agree there who looks after which repository. A server
 * with a store of its own has only the cluster to agree with others in: the Lease lets one of them lead.
 */
export async function openClusterControllers(
  composition: Composition,
  cluster: Cluster,
  data: ServerData,
  sharing: Sharing,
  parts: EngineParts,
): Promise<Pick<Controllers, 'start'>> {
  const { events } = cluster;
  const create = () => createControllers(composition, data, sharing, parts, { events, startSingletons: () => [] });
  if (!isShared(composition.settings.database)) return electControllers(composition, cluster, data, create);
  const controllers = create();
  composition.onClose(() => controllers.close());
  return controllers;
}

/**
 * Runs the controllers in one server at a time. A server that comes back to its data directory is the same candidate as before and
 * need not wait for its own Lease to end: the lock of the directory keeps others away.
 */
async function electControllers(
  { logger, clock, onClose }: Composition,
  { client, namespace }: Cluster,
  { files }: ServerData,
  create: () => Controllers,
): Promise<Pick<Controllers, 'start'>> {
  const election = new LeaderElection({
    client,
    namespace,
    name: controllersLease,
    identity: `${hostname()}_${await instanceId(files)}`,
    logger,
    clock,
    lead() {
      const controllers = create();
      controllers.start();
      return () => controllers.close();
    },
  });
  onClose(() => election.close());
  return election;
}
