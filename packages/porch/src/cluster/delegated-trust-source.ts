import { type DelegatedTrust, type KubernetesObject, parseDelegatedTrust } from '@porch/apiserver';
import type { Logger } from 'pino';
import type { ClusterClient } from './cluster-client.ts';
import { Informer } from './informer.ts';
import { collectionPath, configMapResource } from './resource-path.ts';

const namespace = 'kube-system';
const name = 'extension-apiserver-authentication';

interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** Whom the kube-apiserver in front says may be believed, as it changes. */
export interface DelegatedTrustSource {
  current(): DelegatedTrust;
  /** Tells of changes from now on. */
  onChange(listener: (trust: DelegatedTrust) => void): void;
  close(): Promise<void>;
}

/** Nobody. */
const distrust: DelegatedTrust = { clients: undefined, requestHeader: undefined };

/**
 * Reads and follows the ConfigMap `kube-system/extension-apiserver-authentication`. While there is none, nobody is believed; one
 * that cannot be read leaves what held before.
 */
export async function followDelegatedTrust(
  client: ClusterClient,
  logger: Logger,
  random: () => number,
): Promise<DelegatedTrustSource> {
  const informer = new Informer<ConfigMap>({
    client,
    path: collectionPath(configMapResource, namespace),
    fieldSelector: `metadata.name=${name}`,
    logger,
    random,
  });
  const listeners: ((trust: DelegatedTrust) => void)[] = [];
  let trust = distrust;
  const take = (data: Readonly<Record<string, string>>): void => {
    try {
      trust = parseDelegatedTrust(data);
    } catch (error) {
      logger.error(
        { err: error },
        `ConfigMap ${namespace}/${name} cannot be used; what it said before goes on to hold`,
      );
      return;
    }
    if (trust.requestHeader === undefined) {
      logger.warn(
        `ConfigMap ${namespace}/${name} names no request-header authority: requests of kube-apiserver will be refused`,
      );
    }
    for (const listener of listeners) listener(trust);
  };
  informer.subscribe(({ type, object }) => take(type === 'REMOVED' ? {} : (object.data ?? {})));
  await informer.start();
  if (informer.get(namespace, name) === undefined) take({});
  return {
    current: () => trust,
    onChange: (listener) => void listeners.push(listener),
    close: () => informer.close(),
  };
}
