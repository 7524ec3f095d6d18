import { readFile } from 'node:fs/promises';

/** What a kubeconfig says about one server and the identity it lets in. PEM. */
export interface Connection {
  /** `https://127.0.0.1:12345`. */
  readonly address: string;
  readonly authority: string;
  readonly certificate?: string;
  readonly key?: string;
}

/** Reads the one cluster and the one user of a kubeconfig that holds everything in the file itself. */
export async function readConnection(path: string): Promise<Required<Connection>> {
  const text = await readFile(path, 'utf8');
  const field = (name: string): string => {
    const value = new RegExp(`^\\s*(?:- )?${name}:\\s*(?:>-\\s*)?(\\S+)\\s*$`, 'm').exec(text)?.[1];
    if (value === undefined) throw new Error(`${path} has no field ${name}`);
    return value.replace(/^["']|["']$/g, '');
  };
  const pem = (name: string): string => Buffer.from(field(name), 'base64').toString('utf8');
  return {
    address: field('server'),
    authority: pem('certificate-authority-data'),
    certificate: pem('client-certificate-data'),
    key: pem('client-key-data'),
  };
}
