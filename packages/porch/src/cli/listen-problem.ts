import type { Settings } from '../server/settings.ts';
import { StartupError } from '../server/startup-error.ts';

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is in use',
  EADDRNOTAVAIL: 'this machine has no such address',
  EAFNOSUPPORT: 'this machine has no addresses of this kind',
  EACCES: 'permission denied',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name cannot be looked up at the moment',
};

/** Says in one line why an address cannot be listened on, if that is what the error is about; otherwise gives the error. */
export function listenProblem(error: unknown, { host, port }: Settings['listen']): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error;
  const reason = reasons[String(error.code)];
  if (reason === undefined || (error.syscall !== 'listen' && error.syscall !== 'getaddrinfo')) return error;
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return new StartupError(`cannot listen on ${address}: ${reason}; choose another one with --listen`, { cause: error });
}
