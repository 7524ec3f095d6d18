import { createPrivateKey } from 'node:crypto';
import { stringify } from 'yaml';
import type { Identity } from './certificates/identity.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** What a kubeconfig is made of. */
export interface KubeconfigParts {
  /** Address, `https://…`. */
  readonly server: string;
  /** Certificates of the authorities by which the server is verified (PEM). */
  readonly authority: string;
  /** The namespace that kubectl uses. */
  readonly namespace: string;
  readonly name: string;
  /** The user's credentials, in the fields of kubeconfigs. */
  readonly user: Readonly<Record<string, string>>;
}

/** A kubeconfig with everything in the one file. */
export function kubeconfigText({ server, authority, namespace, name, user }: KubeconfigParts): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'porch', cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [{ name, user }],
    contexts: [{ name: 'porch', context: { cluster: 'porch', user: name, namespace } }],
    'current-context': 'porch',
  });
}

/**
 * A key whose PEM label names its algorithm, as those in the kubeconfigs of clusters do. Clients in Java look there, and take a key
 * that is only called a private one for RSA.
 */
function labelledKey(pem: string): string {
  const key = createPrivateKey(pem);
  return key.asymmetricKeyType === 'ec' ? key.export({ type: 'sec1', format: 'pem' }).toString() : pem;
}

/** A kubeconfig for the administrator. `server` is the address, `https://…`. */
export function kubeconfig(server: string, identity: Identity): string {
  return kubeconfigText({
    server,
    authority: identity.bundle,
    namespace: 'default',
    name: 'admin',
    user: {
      'client-certificate-data': base64(identity.admin.certificate),
      'client-key-data': base64(labelledKey(identity.admin.key)),
    },
  });
}
