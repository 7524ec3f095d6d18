import { createHash } from 'node:crypto';
import type { ObjectId, RemoteReferences } from './types.ts';

const PEELED = '^{}';

/** What `git ls-remote` printed. It is read when somebody asks for it: mostly it is what was printed the last time. */
export class ListedReferences implements RemoteReferences {
  readonly digest: string;
  readonly #printed: Buffer;
  #parsed: Pick<RemoteReferences, 'refs' | 'peeled'> | undefined;

  constructor(printed: Buffer) {
    this.digest = createHash('sha256').update(printed).digest('hex');
    this.#printed = printed;
  }

  get refs(): ReadonlyMap<string, ObjectId> {
    return this.#parse().refs;
  }

  get peeled(): ReadonlyMap<string, ObjectId> {
    return this.#parse().peeled;
  }

  #parse(): Pick<RemoteReferences, 'refs' | 'peeled'> {
    this.#parsed ??= parseReferences(this.#printed.toString());
    return this.#parsed;
  }
}

function parseReferences(printed: string): Pick<RemoteReferences, 'refs' | 'peeled'> {
  const refs = new Map<string, ObjectId>();
  const peeled = new Map<string, ObjectId>();
  for (const line of printed.split('\n')) {
    const tab = line.indexOf('\t');
    if (tab < 0) continue;
    const name = line.slice(tab + 1);
    if (name.endsWith(PEELED)) peeled.set(name.slice(0, -PEELED.length), line.slice(0, tab));
    else refs.set(name, line.slice(0, tab));
  }
  return { refs, peeled };
}
