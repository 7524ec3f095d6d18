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

/** An address that nothing can be connected to: git is to find no other one. A proxy that git uses looks up names by itself. */
const nowhere = '255.255.255.255';

/** What git is told of a remote's host. */
export interface ResolvedHost {
  readonly settings: readonly GitSetting[];
  /** The name, where it could not be looked up. What git then says of connecting is about that. */
  readonly unknown?: string;
}

type LookUp = (host: string, options: { readonly all: true }) => Promise<readonly { readonly address: string }[]>;

/**
 * Settings with which git uses the addresses of a remote's host, given by the normal form of its URL. A name that cannot be looked up has
 * none, also if it has some a moment later; ssh, which cannot be told, looks it up again.
 * @throws GitError when the name stands for an address that is denied
 */
export async function resolvedHost(url: string, rules: HostRules, lookUp: LookUp = lookup): Promise<ResolvedHost> {
  if (isLocalRemote(url)) return { settings: [] };
  const ssh = isSshRemote(url);
  const host = ssh ? parseSshAddress(url).host : new URL(url).hostname;
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0) return { settings: [] };
  const addresses = await addressesOf(host, lookUp);
  for (const address of addresses) {
    const problem = addressProblem(address, rules);
    if (problem !== undefined) throw gitError('Other', `${url} ${problem}: ${host} stands for ${address}`);
  }
  if (ssh) return { settings: [] };
  const { protocol, port } = new URL(url);
  const shown = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  const list = addresses.map((address) => (isIP(address) === 6 ? `[${address}]` : address)).join(',');
  const settings: GitSetting[] = [['http.curloptResolve', `${host}:${shown}:${list === '' ? nowhere : list}`]];
  return addresses.length === 0 ? { settings, unknown: host } : { settings };
}

/**
 * What is being looked up, by name. Some name servers never answer, and few names can be looked up at a time: however many wait for one, it
 * takes the place of one.
 */
const asked = new Map<string, Promise<readonly string[]>>();

function addressesOf(host: string, lookUp: LookUp): Promise<readonly string[]> {
  const known = asked.get(host);
  if (known !== undefined) return known;
  const answer = askFor(host, lookUp).finally(() => asked.delete(host));
  asked.set(host, answer);
  return answer;
}

async function askFor(host: string, lookUp: LookUp): Promise<readonly string[]> {
  try {
    return (await lookUp(host, { all: true })).map(({ address }) => address);
  } catch {
    // libcurl takes these for this machine whatever a resolver says (RFC 6761, section 6.3).
    if (/(^|\.)localhost\.?$/i.test(host)) return ['127.0.0.1', '::1'];
    return []; // behind a proxy it is no failure
  }
}
