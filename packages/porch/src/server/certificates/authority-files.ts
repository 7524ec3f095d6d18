import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import Type from 'typebox';
import { Check } from 'typebox/value';
import { type DataFiles, readIfThere, writePrivateFile } from '../data-files.ts';
import { StartupError } from '../startup-error.ts';
import type { AuthorityPlace, KeptAuthorities } from './authorities.ts';
import { pairProblem, readPair } from './key-pair-files.ts';

const pair = { certificate: Type.String(), key: Type.String() };
const keptSchema = Type.Object({
  ...pair,
  successors: Type.Optional(Type.Array(Type.Object({ ...pair, signsFrom: Type.String() }))),
});

function parse(text: string): KeptAuthorities {
  const value: unknown = JSON.parse(text);
  if (Check(keptSchema, value)) return value;
  throw new Error('it does not have the form of kept certificate authorities');
}

/** Makes sure of what is kept before anything is signed by it. @throws StartupError that names the file */
function checked(path: string, read: () => KeptAuthorities): KeptAuthorities {
  try {
    const kept = read();
    for (const pair of [kept, ...(kept.successors ?? [])]) {
      const problem = pairProblem(pair);
      if (problem !== undefined) throw new Error(`a certificate and its key in it cannot be used: ${problem}`);
    }
    return kept;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartupError(
      `${path} is damaged: ${why}; restore it from a backup, or remove it and the files beside it: everyone needs a new kubeconfig then`,
      { cause: error },
    );
  }
}

/**
 * The data directory as the place of the certificate authorities. `authority.json` has them all; a directory without it is one that has
 * had one authority only, in `ca.crt` and `ca.key`.
 */
export function authorityFiles(
  files: Pick<DataFiles, 'pki'>,
): AuthorityPlace & Required<Pick<AuthorityPlace, 'showSigner'>> {
  const path = join(files.pki, 'authority.json');
  const read = async (): Promise<KeptAuthorities | undefined> => {
    const text = await readIfThere(path);
    if (text !== undefined) return checked(path, () => parse(text));
    const only = await readPair(files, 'ca');
    return only && checked(join(files.pki, 'ca.crt'), () => only);
  };
  return {
    read,
    async replace(expected, next) {
      const now = await read();
      if (!isDeepStrictEqual(now, expected) && now !== undefined) return now;
      await writePrivateFile(path, `${JSON.stringify(next, undefined, 2)}\n`);
      return next;
    },
    async showSigner({ key }) {
      const shown = join(files.pki, 'ca.key');
      if ((await readIfThere(shown)) !== key) await writePrivateFile(shown, key);
    },
  };
}
