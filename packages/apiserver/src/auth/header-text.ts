/**
 * The text of a header's value. Names of users and groups are sent in UTF-8, as Go sends and reads them, while Node.js takes each byte for a
 * letter of its own (Latin-1).
 */
export function headerText(value: string): string {
  return Buffer.from(value, 'latin1').toString('utf8');
}
