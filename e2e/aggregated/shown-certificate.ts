import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';

/** The certificate that a server shows at an address, `https://…`, to a client that makes a new connection and believes anything. */
export async function shownCertificate(address: string): Promise<X509Certificate> {
  const { hostname: host, port } = new URL(address);
  const socket = connect({ host, port: Number(port), rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect');
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) throw new Error(`${address} shows no certificate`);
    return certificate;
  } finally {
    socket.destroy();
  }
}
