import type { Logger } from 'pino';
import type { ClusterClient } from '../../cluster/cluster-client.ts';
import { apiServiceName, webhookConfigurationName, webhookName } from './names.ts';

const fieldManager = 'porch';
/** How often the authorities are put back where somebody has taken them out, in milliseconds. */
const everyMs = 60_000;

const targets: readonly { readonly path: string; object(caBundle: string): object }[] = [
  {
    path: `/apis/apiregistration.k8s.io/v1/apiservices/${apiServiceName}`,
    object: (caBundle) => ({
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: apiServiceName },
      spec: { caBundle },
    }),
  },
  {
    path: `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${webhookConfigurationName}`,
    object: (caBundle) => ({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: webhookConfigurationName },
      webhooks: [{ name: webhookName, clientConfig: { caBundle } }],
    }),
  },
];

/** Tells kube-apiserver by which authorities a server is verified. */
export interface AuthorityPublisher {
  /** Tells of other ones, as soon as what is being told is; resolves when it was tried. */
  publish(bundle: string): Promise<void>;
  close(): void;
}

/**
 * Tells kube-apiserver by which authorities (PEM) it can verify a server that makes its certificates itself: in the APIService and in
 * the webhook's configuration, by server-side apply, so that nobody has to copy them there.
 */
export function publishAuthorities(
  client: Pick<ClusterClient, 'apply'>,
  first: string,
  logger: Logger,
): AuthorityPublisher {
  let bundle = first;
  const failed = new Set<string>();
  let underWay: Promise<void> | undefined;
  const tell = async (): Promise<void> => {
    const caBundle = Buffer.from(bundle).toString('base64');
    for (const { path, object } of targets) {
      try {
        await client.apply(path, object(caBundle), fieldManager);
        if (failed.delete(path)) logger.info({ path }, "the server's authorities are known to the cluster now");
      } catch (error) {
        if (!failed.has(path)) {
          logger.warn({ err: error, path }, "the server's authorities could not be told to the cluster; trying again");
        }
        failed.add(path);
      }
    }
  };
  /** One after the other: what is told last must be the newest. */
  const publish = (): Promise<void> => {
    const told = (underWay ?? Promise.resolve()).then(tell).finally(() => {
      if (underWay === told) underWay = undefined;
    });
    underWay = told;
    return told;
  };
  void publish();
  const timer = setInterval(() => {
    if (underWay === undefined) void publish();
  }, everyMs);
  timer.unref();
  return {
    publish(changed) {
      bundle = changed;
      return publish();
    },
    close: () => clearInterval(timer),
  };
}
