import { contentTypes } from '../../negotiation/output-form.ts';
import type { BodyFormat } from '../../schema/body-reader.ts';
import type { Attributes } from '../authorizer.ts';
import { shownUser, type UserInfo } from '../user.ts';
import { readAuditBody } from './audit-body.ts';
import { type AuditEvent, type AuditSink, microTime } from './audit-event.ts';
import type { AuditDecision, AuditStage } from './policy.ts';

/** What is known of a request when it begins. */
export interface AuditedRequest {
  readonly auditId: string;
  readonly uri: string;
  readonly attributes: Attributes;
  readonly user: UserInfo;
  readonly sourceIps: readonly string[];
  readonly userAgent: string;
  readonly receivedAt: number;
}

/** How a request ended. */
export interface AuditedStatus {
  readonly code: number;
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
}

interface Body {
  readonly bytes: Buffer;
  readonly contentType: string;
}

/** Gathers what is to be recorded of one request, and records it at each stage. */
export class AuditRecord {
  readonly #request: AuditedRequest;
  readonly #decision: AuditDecision;
  readonly #sink: AuditSink;
  readonly #now: () => number;
  readonly #annotations: Record<string, string> = {};
  #impersonated: UserInfo | undefined;
  #object: { readonly name: string; readonly uid: string; readonly resourceVersion: string } | undefined;
  #requestBody: Body | undefined;
  #responseBody: Body | undefined;

  constructor(request: AuditedRequest, decision: AuditDecision, sink: AuditSink, now: () => number) {
    this.#request = request;
    this.#decision = decision;
    this.#sink = sink;
    this.#now = now;
  }

  /** The request has come in. */
  received(): void {
    this.#write('RequestReceived', undefined);
  }

  /** The request is made in the name of somebody else. */
  impersonates(user: UserInfo): void {
    this.#impersonated = user;
  }

  annotate(key: string, value: string): void {
    this.#annotations[key] = value;
  }

  /** The body of the request. */
  request(bytes: Buffer, contentType: string): void {
    const { level } = this.#decision;
    if (level === 'Request' || level === 'RequestResponse') this.#requestBody = { bytes, contentType };
  }

  /** How that body was read, and what came of it: YAML takes long to be read, so it is not read again for the record. */
  requestRead(format: BodyFormat, value: unknown): void {
    const body = this.#requestBody;
    if (body === undefined) return;
    const bytes = format === 'json' ? body.bytes : Buffer.from(JSON.stringify(value));
    this.#requestBody = { bytes, contentType: contentTypes.json };
  }

  /** The object that the answer is about, whose name only the server may have known. `revision` 0: none. */
  object(name: string, uid: string, revision: number): void {
    this.#object = { name, uid, resourceVersion: revision === 0 ? '' : String(revision) };
  }

  /** The answer begins; it goes on for as long as a watch does. */
  answering(code: number): void {
    if (this.#request.attributes.verb === 'watch' && code < 400) this.#write('ResponseStarted', { code });
  }

  /** Whether the body of the answer is recorded. */
  get wantsResponse(): boolean {
    return this.#decision.level === 'RequestResponse' && this.#request.attributes.type === 'resource';
  }

  /** The body of the answer; the first that is given counts, which may be what the one that is sent was made of. */
  response(bytes: Buffer, contentType: string): void {
    if (this.wantsResponse && contentType.startsWith('application/')) this.#responseBody ??= { bytes, contentType };
  }

  /** The request is over. */
  complete(status: AuditedStatus): void {
    this.#write('ResponseComplete', status);
  }

  #write(stage: AuditStage, status: AuditedStatus | undefined): void {
    if (this.#decision.omitStages.has(stage)) return;
    this.#sink.write(this.#event(stage, status));
  }

  #event(stage: AuditStage, status: AuditedStatus | undefined): AuditEvent {
    const { auditId, uri, attributes, user, sourceIps, userAgent, receivedAt } = this.#request;
    const { level } = this.#decision;
    const objectRef = this.#objectRef();
    const requestObject = this.#read(this.#requestBody);
    const responseObject = stage === 'ResponseComplete' ? this.#read(this.#responseBody) : undefined;
    return {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level,
      auditID: auditId,
      stage,
      requestURI: uri,
      verb: attributes.verb,
      user: shownUser(user),
      ...(this.#impersonated === undefined ? {} : { impersonatedUser: shownUser(this.#impersonated) }),
      sourceIPs: sourceIps,
      ...(userAgent === '' ? {} : { userAgent }),
      ...(objectRef === undefined ? {} : { objectRef }),
      ...(status === undefined ? {} : { responseStatus: { metadata: {}, ...status } }),
      ...(requestObject === undefined ? {} : { requestObject }),
      ...(responseObject === undefined ? {} : { responseObject }),
      requestReceivedTimestamp: microTime(receivedAt),
      stageTimestamp: microTime(this.#now()),
      ...(Object.keys(this.#annotations).length === 0 ? {} : { annotations: { ...this.#annotations } }),
    };
  }

  #objectRef(): AuditEvent['objectRef'] {
    const { attributes } = this.#request;
    if (attributes.type === 'path') return undefined;
    const { resource, namespace, group, version = '', subresource } = attributes;
    const { name = attributes.name, uid = '', resourceVersion = '' } = this.#object ?? {};
    const fields = { namespace, name, uid, apiGroup: group, apiVersion: version, resourceVersion, subresource };
    return { resource, ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '')) };
  }

  #read(body: Body | undefined): unknown {
    return body === undefined
      ? undefined
      : readAuditBody(body.bytes, body.contentType, this.#decision.omitManagedFields);
  }
}
