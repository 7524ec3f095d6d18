import { stringify } from 'yaml';
import type { Identity } from './identity.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A kubeconfig for the administrator, with everything in the one file. `server` is the address, `https://…`. */
export function kubeconfig(server: string, identity: Identity): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'porch',
        cluster: { server, 'certificate-authority-data': base64(identity.authority.certificate) },
      },
    ],
    users: [
      {
        name: 'admin',
        user: {
          'client-certificate-data': base64(identity.admin.certificate),
          'client-key-data': base64(identity.admin.key),
        },
      },
    ],
    contexts: [{ name: 'porch', context: { cluster: 'porch', user: 'admin', namespace: 'default' } }],
    'current-context': 'porch',
  });
}
