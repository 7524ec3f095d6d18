const openSshMagic = 'openssh-key-v1\0';

/**
 * Whether a private key needs a passphrase: PEM says so in words, the form of OpenSSH names the cipher after its magic
 * (OpenSSH, PROTOCOL.key).
 */
export function isEncryptedKey(text: string): boolean {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: *4, *ENCRYPTED/m.test(text)) return true;
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]*)-----END/.exec(text)?.[1];
  if (body === undefined) return false;
  const bytes = Buffer.from(body, 'base64');
  if (bytes.toString('latin1', 0, openSshMagic.length) !== openSshMagic) return false;
  const start = openSshMagic.length + 4;
  if (bytes.length < start) return false;
  return bytes.toString('latin1', start, start + bytes.readUInt32BE(openSshMagic.length)) !== 'none';
}
