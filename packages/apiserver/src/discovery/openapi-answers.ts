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

/** Serves `/openapi/…`. Documents are built once. */
export class OpenApiAnswers {
  readonly #v2: StaticDocument;
  /** Made for the first who asks for it: few do. */
  #v2Message: StaticDocument | undefined;
  readonly #v3Index: StaticDocument;
  readonly #v3 = new Map<string, StaticDocument>();
  readonly #now: () => number;

  constructor(groups: readonly ServedGroup[], info: OpenApiInfo, now: () => number) {
    this.#now = now;
    const versions = groups.flatMap(({ group, versions: v }) => v.map((version) => ({ group, ...version })));
    this.#v2 = staticDocument(
      openApiV2(
        versions.flatMap((v) => v.definitions),
        info,
      ),
    );
    const paths: Record<string, unknown> = {};
    for (const { group, version, definitions } of versions) {
      const document = staticDocument(openApiV3(definitions, info));
      const path = `/openapi/v3${groupVersionPath(group, version)}`;
      this.#v3.set(path, document);
      paths[groupVersionPath(group, version).slice(1)] = { serverRelativeURL: `${path}?hash=${document.hash}` };
    }
    this.#v3Index = staticDocument({ paths });
  }

  /** What can be asked for. */
  paths(): readonly string[] {
    return ['/openapi/v2', '/openapi/v3', ...this.#v3.keys()];
  }

  answer(path: string, query: URLSearchParams, headers: IncomingHttpHeaders): StaticAnswer | undefined {
    const document = path === '/openapi/v2' ? this.#v2 : path === '/openapi/v3' ? this.#v3Index : this.#v3.get(path);
    if (document === undefined) return undefined;
    if (document === this.#v2) return this.#answerV2(headers);
    if (!parseAccept(headers.accept).some(allowsJson)) return notAcceptable(['application/json']);
    const hash = query.get('hash') ?? '';
    if (!this.#v3.has(path) || hash === '') return answerDocument(document, headers, uncached);
    if (hash !== document.hash) return redirect(`${path}?hash=${document.hash}`);
    return answerDocument(document, headers, {
      'cache-control': 'public, immutable',
      expires: new Date(this.#now() + yearSeconds * 1000).toUTCString(),
    });
  }

  #answerV2(headers: IncomingHttpHeaders): StaticAnswer {
    for (const clause of parseAccept(headers.accept)) {
      if (allowsJson(clause)) return answerDocument(this.#v2, headers, uncached);
      if (!protobufTypes.some((type) => type === clause.type)) continue;
      this.#v2Message ??= binaryDocument(this.#v2.value, openApiV2Message(this.#v2.value), protobufTypes[0]);
      return answerDocument(this.#v2Message, headers, uncached);
    }
    return notAcceptable(['application/json', ...protobufTypes]);
  }
}
