import { withoutOuterSlashes } from '@porch/apiserver';

const defaultPorts: ReadonlySet<string> = new Set(['22', '80', '443', '9418']);

function address(host: string, path: string): string {
  const trimmed = withoutOuterSlashes(path).replace(/\.git$/i, '');
  return `${host}/${trimmed}`.toLowerCase();
}

/**
 * Where a remote is, whatever the protocol: `https://host/a/b.git`, `ssh://git@host/a/b` and `git@host:a/b.git` are the same. For
 * finding repositories that somebody else names, where one too many does no harm: case does not count, nor do user information and
 * the protocols' own ports. Undefined for what is no address.
 */
export function remoteAddress(text: string): string | undefined {
  const short = /^(?:[^@/:]+@)?([A-Za-z0-9][A-Za-z0-9.-]*):(?!\/\/)(.+)$/.exec(text);
  if (short !== null && !/^(?:https?|ssh|git|file)$/i.test(short[1] ?? ''))
    return address(short[1] ?? '', short[2] ?? '');
  if (text.startsWith('/')) return address('', text);
  if (!URL.canParse(text)) return undefined;
  const { hostname, port, pathname } = new URL(text);
  return address(port === '' || defaultPorts.has(port) ? hostname : `${hostname}:${port}`, pathname);
}
