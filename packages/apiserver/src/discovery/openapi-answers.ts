import type { IncomingHttpHeaders } from 'node:http';
import { parseAccept } from '../negotiation/accept.ts';
import { groupVersionPath } from '../schema/openapi-operations.ts';
import { openApiV2 } from '../schema/openapi-v2.ts';
import { openApiV2Message } from '../schema/openapi-v2-protobuf.ts';
import { type OpenApiInfo, openApiV3 } from '../schema/openapi-v3.ts';
import type { ServedGroup } from './served-groups.ts';
import {
  allowsJson,
  answerDocument,
  binaryDocument,
  notAcceptable,
  redirect,
  type StaticAnswer,
  type StaticDocument,
  staticDocument,
  uncached,
} from './static-answer.ts';

const yearSeconds = 365 * 24 * 60 * 60;

/** The same media type, in the spelling of old clients and in that of new ones; answers have the old one, as in Kubernetes. */
const protobufTypes = [
  'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
  'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
] as const;

/** One version of a group, as it is described. */
type DescribedVersion = ServedGroup['versions'][number] & Pick<ServedGroup, 'group'>;

/** Serves `/openapi/…`. Each document is made once, for the first who asks for it: many servers are never asked. */
export class OpenApiAnswers {
  readonly #versions: ReadonlyMap<string, DescribedVersion>;
  readonly #info: OpenApiInfo;
  readonly #now: () => number;
  #v2: StaticDocument | undefined;
  #v2Message: StaticDocument | undefined;
  #v3Index: StaticDocument | undefined;
  readonly #v3 = new Map<string, StaticDocument>();

  constructor(groups: readonly ServedGroup[], info: OpenApiInfo, now: () => number) {
    this.#info = info;
    this.#now = now;
    const versions = groups.flatMap(({ group, versions: v }) => v.map((version) => ({ group, ...version })));
    this.#versions = new Map(versions.map((v) => [`/openapi/v3${groupVersionPath(v.group, v.version)}`, v]));
  }

  /** What can be asked for. */
  paths(): readonly string[] {
    return ['/openapi/v2', '/openapi/v3', ...this.#versions.keys()];
  }

  answer(path: string, query: URLSearchParams, headers: IncomingHttpHeaders): StaticAnswer | undefined {
    if (path === '/openapi/v2') return this.#answerV2(headers);
    const described = this.#versions.get(path);
    if (described === undefined && path !== '/openapi/v3') return undefined;
    if (!parseAccept(headers.accept).some(allowsJson)) return notAcceptable(['application/json']);
    if (described === undefined) return answerDocument(this.#indexOfV3(), headers, uncached);
    const document = this.#documentOfV3(path, described);
    const hash = query.get('hash') ?? '';
    if (hash === '') return answerDocument(document, headers, uncached);
    if (hash !== document.hash) return redirect(`${path}?hash=${document.hash}`);
    return answerDocument(document, headers, {
      'cache-control': 'public, immutable',
      expires: new Date(this.#now() + yearSeconds * 1000).toUTCString(),
    });
  }

  #answerV2(headers: IncomingHttpHeaders): StaticAnswer {
    for (const clause of parseAccept(headers.accept)) {
      if (allowsJson(clause)) return answerDocument(this.#documentOfV2(), headers, uncached);
      if (!protobufTypes.some((type) => type === clause.type)) continue;
      const { value } = this.#documentOfV2();
      this.#v2Message ??= binaryDocument(value, openApiV2Message(value), protobufTypes[0]);
      return answerDocument(this.#v2Message, headers, uncached);
    }
    return notAcceptable(['application/json', ...protobufTypes]);
  }

  #documentOfV2(): StaticDocument {
    const definitions = [...this.#versions.values()].flatMap((v) => v.definitions);
    return (this.#v2 ??= staticDocument(openApiV2(definitions, this.#info)));
  }

  #documentOfV3(path: string, { definitions }: DescribedVersion): StaticDocument {
    const made = this.#v3.get(path) ?? staticDocument(openApiV3(definitions, this.#info));
    this.#v3.set(path, made);
    return made;
  }

  #indexOfV3(): StaticDocument {
    if (this.#v3Index !== undefined) return this.#v3Index;
    const paths: Record<string, unknown> = {};
    for (const [path, described] of this.#versions) {
      const { hash } = this.#documentOfV3(path, described);
      paths[groupVersionPath(described.group, described.version).slice(1)] = {
        serverRelativeURL: `${path}?hash=${hash}`,
      };
    }
    this.#v3Index = staticDocument({ paths });
    return this.#v3Index;
  }
}
