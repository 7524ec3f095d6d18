import type { IncomingHttpHeaders } from 'node:http';
import { type AcceptClause, parseAccept } from '../negotiation/accept.ts';
import { isPretty } from '../negotiation/output-form.ts';
import type { AnyResourceDefinition } from '../registry/resource.ts';
import { groupVersionPath } from '../schema/openapi-operations.ts';
import { type AggregatedVersion, aggregatedVersions, apiGroupDiscoveryList } from './aggregated.ts';
import { OpenApiAnswers } from './openapi-answers.ts';
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from './plain.ts';
import { type ServedGroup, servedGroups } from './served-groups.ts';
import {
  allowsJson,
  answerDocument,
  indented,
  inYaml,
  isYaml,
  notAcceptable,
  type StaticAnswer,
  type StaticDocument,
  staticDocument,
  uncached,
} from './static-answer.ts';
import { type BuildInfo, versionInfo } from './version.ts';

/** What discovery tells of. */
export interface DiscoveryOptions {
  readonly definitions: readonly AnyResourceDefinition[];
  /** `gitVersion` of `/version`, for example `v1.34.0-porch.0.1.0`; see `productGitVersion`. */
  readonly version: string;
  readonly build?: BuildInfo;
  /** Title of the OpenAPI documents. Default: `Kubernetes`. */
  readonly title?: string;
  /** Paths that the index at `/` lists besides those of discovery and health, such as `/metrics`. */
  readonly otherPaths?: readonly string[];
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly now?: () => number;
}

/** A question for discovery. */
export interface DiscoveryRequest {
  /** Path of the URL as it was sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Everything that clients ask about the API itself. All of it is made once, when the server starts, but YAML and indented JSON, which
 * few ask for, when they are asked for.
 */
export interface Discovery {
  /** The answer to a GET or HEAD request, or undefined for a path that is not discovery's. Never throws. */
  answer(request: DiscoveryRequest): StaticAnswer | undefined;
}

const plainTypes = ['application/json', 'application/yaml'];

/** What `/api` or `/apis` can be answered with. */
interface RootDocuments {
  readonly plain: StaticDocument;
  readonly aggregated: ReadonlyMap<string, StaticDocument>;
}

function aggregatedType(version: AggregatedVersion): string {
  return `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
}

function rootDocuments(plain: unknown, groups: readonly ServedGroup[]): RootDocuments {
  return {
    plain: staticDocument(plain),
    aggregated: new Map(
      aggregatedVersions.map((v) => [v, staticDocument(apiGroupDiscoveryList(groups, v), aggregatedType(v))]),
    ),
  };
}

/** JSON as this client wants to read it. */
function jsonFor(clause: AcceptClause, { query, headers }: DiscoveryRequest, document: StaticDocument): StaticDocument {
  return isPretty(clause, query, headers['user-agent'] ?? '') ? indented(document) : document;
}

function answerRoot(root: RootDocuments, request: DiscoveryRequest): StaticAnswer {
  const { headers } = request;
  for (const clause of parseAccept(headers.accept)) {
    if (isYaml(clause)) return answerDocument(inYaml(root.plain), headers, uncached);
    if (!allowsJson(clause)) continue;
    const as = clause.parameters.get('as');
    if (as === undefined) return answerDocument(jsonFor(clause, request, root.plain), headers, uncached);
    if (as !== 'APIGroupDiscoveryList' || clause.parameters.get('g') !== 'apidiscovery.k8s.io') continue;
    const aggregated = root.aggregated.get(clause.parameters.get('v') ?? '');
    if (aggregated !== undefined) {
      return answerDocument(jsonFor(clause, request, aggregated), headers, { 'cache-control': 'public' });
    }
  }
  return notAcceptable([...plainTypes, ...aggregatedVersions.map(aggregatedType)]);
}

function answerPlain(document: StaticDocument, request: DiscoveryRequest): StaticAnswer {
  const { headers } = request;
  for (const clause of parseAccept(headers.accept)) {
    if (isYaml(clause)) return answerDocument(inYaml(document), headers, uncached);
    if (allowsJson(clause) && !clause.parameters.has('as')) {
      return answerDocument(jsonFor(clause, request, document), headers, uncached);
    }
  }
  return notAcceptable(plainTypes);
}

const healthPaths = ['/healthz', '/livez', '/readyz'];

function plainDocuments(groups: readonly ServedGroup[], version: unknown): Map<string, StaticDocument> {
  const documents = new Map<string, StaticDocument>([['/version', staticDocument(version, 'application/json', 2)]]);
  for (const served of groups) {
    if (served.group !== '') documents.set(`/apis/${served.group}`, staticDocument(apiGroup(served)));
    for (const one of served.versions) {
      documents.set(groupVersionPath(served.group, one.version), staticDocument(apiResourceList(served.group, one)));
    }
  }
  return documents;
}

/**
 * Discovery, OpenAPI and version of a server.
 *
 * @throws TypeError for definitions that contradict each other, and for a version of another form
 */
export function createDiscovery(options: DiscoveryOptions): Discovery {
  const groups = servedGroups(options.definitions);
  const core = groups.filter((g) => g.group === '');
  const others = groups.filter((g) => g.group !== '');
  const roots = new Map([['/apis', rootDocuments(apiGroupList(others), others)]]);
  for (const served of core) roots.set('/api', rootDocuments(apiVersions(served), core));
  const plain = plainDocuments(groups, versionInfo(options.version, options.build ?? {}));
  const info = { title: options.title ?? 'Kubernetes', version: options.version };
  const openApi = new OpenApiAnswers(groups, info, options.now ?? Date.now);
  const paths = [...roots.keys(), ...plain.keys(), ...openApi.paths(), ...healthPaths, ...(options.otherPaths ?? [])];
  plain.set('/', staticDocument({ paths: paths.sort() }, 'application/json', 2));

  return {
    answer(request) {
      const { path: given, query, headers } = request;
      const path = given.length > 1 && given.endsWith('/') ? given.slice(0, -1) : given;
      const root = roots.get(path);
      if (root !== undefined) return answerRoot(root, request);
      const document = plain.get(path);
      if (document === undefined) return openApi.answer(path, query, headers);
      return answerPlain(document, request);
    },
  };
}
