import { BlockList, isIP } from 'node:net';

/** Which hosts repositories may be on. A pattern is a name, `*.domain`, an IP address, or a range of them (`10.0.0.0/8`). */
export interface HostRules {
  /** If there are any, only these. */
  readonly allowed: readonly string[];
  /** Never these. Those that are denied by themselves may be used where `allowed` names them. */
  readonly denied: readonly string[];
}

/**
 * Where clouds tell a machine its credentials, which nobody may read through this server: link-local addresses, those that some clouds
 * have instead, and their names.
 */
const deniedByThemselves = [
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::254', // Amazon
  'fd20:ce::254', // Google
  'fd00:c1::a9fe:a9fe', // Oracle
  '100.100.100.200', // Alibaba
  '168.63.129.16', // Azure
  'metadata.google.internal',
  'metadata.goog',
].map(matcherOf);

const namePattern = /^(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i;

/** Whether a text can be a pattern. */
export function isHostPattern(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const kind = isIP(address);
  if (kind === 0) return bits === undefined && namePattern.test(text);
  if (more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (kind === 4 ? 32 : 128));
}

/**
 * Why a host may not be used; undefined when it may. `host`: a name, or an address, IPv6 with or without brackets. What a name stands for
 * is not looked up: see `addressProblem`.
 */
export function hostProblem(host: string, rules: HostRules): string | undefined {
  if (matchesAny(host, rules.denied)) return 'is on a host that the operator has denied (--denied-git-hosts)';
  if (matchesAny(host, rules.allowed)) return undefined;
  if (deniedByThemselves.some((matches) => matches(bareHost(host))))
    return 'is on a host that is denied, since clouds give out credentials there';
  return rules.allowed.length === 0
    ? undefined
    : 'is on a host that the operator has not allowed (--allowed-git-hosts)';
}

/** Why an address that the name of an allowed host stands for may not be used; undefined when it may. */
export function addressProblem(address: string, rules: HostRules): string | undefined {
  return hostProblem(address, {
    denied: rules.denied,
    allowed: rules.allowed.filter((each) => matches(address, each)),
  });
}

function matchesAny(host: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matches(host, pattern));
}

function matches(host: string, pattern: string): boolean {
  return matcherOf(pattern)(bareHost(host));
}

/** As it is compared: without brackets and the dot at the end, in lower case. */
function bareHost(host: string): string {
  return host
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
}

function matcherOf(pattern: string): (bareHost: string) => boolean {
  const [address = '', bits] = pattern.split('/');
  const kind = isIP(address);
  if (kind === 0) {
    const wanted = pattern.toLowerCase();
    return wanted.startsWith('*.') ? (name) => name.endsWith(wanted.slice(1)) : (name) => name === wanted;
  }
  const list = new BlockList();
  list.addSubnet(address, bits === undefined ? (kind === 4 ? 32 : 128) : Number(bits), kind === 4 ? 'ipv4' : 'ipv6');
  return (name) => {
    const given = isIP(name);
    return given !== 0 && list.check(name, given === 4 ? 'ipv4' : 'ipv6');
  };
}
