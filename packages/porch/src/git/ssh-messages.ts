/**
 * What ssh says, which is meant for a person at a terminal, in the words of a condition.
 */

/** The text to show for what ssh wrote to standard error; undefined when that can be shown as it is. */
export function sshMessage(stderr: string): string | undefined {
  if (/HOST IDENTIFICATION HAS CHANGED/.test(stderr)) {
    const key = /fingerprint for the (\S+) key sent by the remote host is\s+(\S+?)\.?\s/.exec(stderr);
    const shown = key === null ? '' : ` (${key[1]} ${key[2]})`;
    return `the SSH server shows another key${shown} than known_hosts has: it was given a new one, or somebody else answers in its place`;
  }
  const unknown = /No (\S+) host key is known for (\S+) and/.exec(stderr);
  if (unknown !== null) return `known_hosts of the secret has no ${unknown[1]} key for ${unknown[2]}`;
  if (/cannot run ssh: No such file|\bssh: (?:command )?not found/.test(stderr)) {
    return 'the program ssh is not there; install the OpenSSH client where this server runs, or use an https address';
  }
  return undefined;
}
