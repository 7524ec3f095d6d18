import type { UserInfo } from '../user.ts';
import { tokenDigest } from './token-digest.ts';

/** A line of a token file that cannot be used. The message names the line and holds nothing of it. */
class TokenFileError extends Error {
  constructor(line: number, detail: string) {
    super(`line ${line}: ${detail}`);
    this.name = 'TokenFileError';
  }
}

/** Splits one line of comma-separated values; a field may stand in double quotes, in which two of them stand for one. */
function splitLine(text: string, line: number): string[] {
  const values: string[] = [];
  let at = 0;
  while (at <= text.length) {
    if (text[at] === '"') {
      const match = /^"((?:[^"]|"")*)"(?=,|$)/.exec(text.slice(at));
      if (match === null) throw new TokenFileError(line, 'a double quote is not closed, or text follows it');
      values.push((match[1] ?? '').replaceAll('""', '"'));
      at += match[0].length + 1;
    } else {
      const comma = text.indexOf(',', at);
      const end = comma < 0 ? text.length : comma;
      values.push(text.slice(at, end));
      at = end + 1;
    }
  }
  return values;
}

/**
 * Reads a token file as kube-apiserver has it: `token,user,uid` and optionally a fourth field with groups, which stands in
 * double quotes when there are several. Returns users by the digest of their token.
 * @throws Error that names the line, and holds nothing of it
 */
export function parseTokenFile(text: string): Map<string, UserInfo> {
  const users = new Map<string, UserInfo>();
  text.split(/\r?\n/).forEach((raw, index) => {
    const line = index + 1;
    if (raw.trim() === '' || raw.startsWith('#')) return;
    const [token = '', name = '', uid, groups = ''] = splitLine(raw, line).map((value) => value.trim());
    if (uid === undefined) {
      throw new TokenFileError(line, 'has fewer than three fields; it must be token,user,uid[,"group1,group2"]');
    }
    if (token === '') throw new TokenFileError(line, 'the token is empty');
    if (name === '') throw new TokenFileError(line, 'the user is empty');
    const digest = tokenDigest(token);
    if (users.has(digest)) throw new TokenFileError(line, 'has the token of an earlier line');
    users.set(digest, {
      name,
      ...(uid === '' ? {} : { uid }),
      groups: groups
        .split(',')
        .map((group) => group.trim())
        .filter((group) => group !== ''),
    });
  });
  return users;
}
