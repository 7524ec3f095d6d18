import { readFileSync } from 'node:fs';
import type { Credentials } from './http2-client.ts';

/** Where a server is and how its administrator gets in. */
export interface Access {
  readonly address: string;
  readonly credentials: Credentials;
}

/** Reads the kubeconfig that a server has written. @throws Error that names what is missing in it */
export function readKubeconfig(path: string): Access {
  const text = readFileSync(path, 'utf8');
  const field = (name: string): string => {
    const value = new RegExp(`\\b${name}:\\s*>?-?\\s*(\\S+)`).exec(text)?.[1];
    if (value === undefined) throw new Error(`${path} has no ${name}`);
    return value;
  };
  const pem = (name: string): string => Buffer.from(field(name), 'base64').toString('utf8');
  return {
    address: field('server'),
    credentials: {
      ca: pem('certificate-authority-data'),
      cert: pem('client-certificate-data'),
      key: pem('client-key-data'),
    },
  };
}
