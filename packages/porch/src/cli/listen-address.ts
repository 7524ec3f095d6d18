import { isIPv6 } from 'node:net';
import { InvalidArgumentError } from 'commander';
import type { Settings } from '../server/settings.ts';

/** Reads `host:port`, `[::1]:port` or `:port` (all addresses); undefined when it is none of them. */
export function parseListenAddress(text: string): Settings['listen'] | undefined {
  const match = /^(?:\[([^\]]*)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const [, bracketed, plain = '', digits] = match;
  const port = Number(digits);
  if (port > 65_535 || (bracketed !== undefined && !isIPv6(bracketed))) return undefined;
  const host = bracketed ?? plain;
  return { host: host === '' ? '::' : host, port };
}

/** The same, for the argument of a flag. @throws InvalidArgumentError */
export function listenArgument(text: string): Settings['listen'] {
  const address = parseListenAddress(text);
  if (address === undefined) throw new InvalidArgumentError('Give HOST:PORT, for instance 127.0.0.1:9443.');
  return address;
}
