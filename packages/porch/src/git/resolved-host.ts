/**
 * Names of hosts are looked up before git does it, so that none leads to an address that is denied. Git is told to use the addresses that
 * were found: a name that stands for another one a moment later gains nothing.
 */

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { addressProblem, type HostRules } from '../resources/host-rules.ts';
import { parseSshAddress } from '../resources/ssh-address.ts';
import type { GitSetting } from './broker/messages.ts';
import { gitError } from './errors.ts';
import { isLocalRemote, isSshRemote } from './remote-url.ts';

/**
 * Settings with which git uses the addresses of a remote's host, given by the normal form of its URL. A name that cannot be looked up is
 * left to git, or to the proxy that git uses, and to what these say.
 * @throws GitError when the name stands for an address that is denied
 */
export async function resolvedHost(url: string, rules: HostRules): Promise<readonly GitSetting[]> {
  if (isLocalRemote(url)) return [];
  const ssh = isSshRemote(url);
  const host = ssh ? parseSshAddress(url).host : new URL(url).hostname;
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0) return [];
  const addresses = await addressesOf(host);
  for (const address of addresses) {
    const problem = addressProblem(address, rules);
    if (problem !== undefined) throw gitError('Other', `${url} ${problem}: ${host} stands for ${address}`);
  }
  if (ssh || addresses.length === 0) return [];
  const { protocol, port } = new URL(url);
  const shown = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  const list = addresses.map((address) => (isIP(address) === 6 ? `[${address}]` : address)).join(',');
  return [['http.curloptResolve', `${host}:${shown}:${list}`]];
}

async function addressesOf(host: string): Promise<readonly string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch {
    return []; // git says it better, and behind a proxy it is no failure
  }
}
