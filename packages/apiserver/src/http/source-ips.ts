import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/** An IPv4 address is the same where the system gives it as an IPv6 one. */
function plain(address: string): string {
  return address.trim().replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
}

/** Of how many proxies at most, at each end of a longer list: anybody may send thousands, which would all be recorded. */
const mostShown = 16;

function said(header: string | string[] | undefined): readonly string[] {
  const listed = String(header ?? '').split(',');
  return [...listed.slice(0, mostShown), ...listed.slice(mostShown).slice(-mostShown)]
    .map(plain)
    .filter((address) => isIP(address) !== 0);
}

/**
 * Where a request came from and through which proxies, for the record, as kube-apiserver has it: what its headers say of that, which
 * anybody may make up, and last the address of whoever is connected. Behind a kube-apiserver the first is the client's.
 */
export function sourceIpsOf(headers: IncomingHttpHeaders, remoteAddress: string | undefined): readonly string[] {
  const found = [...said(headers['x-forwarded-for'])];
  const [real] = said(headers['x-real-ip']);
  if (real !== undefined && !found.includes(real)) found.push(real);
  const remote = plain(remoteAddress ?? '');
  if (remote !== '' && found.at(-1) !== remote) found.push(remote);
  return found;
}
