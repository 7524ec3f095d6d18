import { createHash } from 'node:crypto';
import { type EventText, type KubernetesObject, toTime } from '@porch/apiserver';
import type { Logger } from 'pino';
import type { ClusterClient } from './cluster-client.ts';
import { isClusterError } from './cluster-error.ts';
import { collectionPath, eventResource, objectPath } from './resource-path.ts';

interface Event extends KubernetesObject {
  readonly count?: number;
}

/** Longest message of an Event, in characters. */
const longestMessage = 1024;

/** How Events are written to a cluster. */
export interface EventRecorderOptions {
  readonly client: ClusterClient;
  /** Which part of the server the Events are from. */
  readonly component: string;
  /** Which of several servers this is. */
  readonly instance: string;
  readonly clock: () => Date;
  readonly logger: Logger;
}

/**
 * Records Kubernetes Events (core `v1`) about objects. The same Event again raises its count. Events are news, not state: one that
 * cannot be recorded is logged and given up.
 */
export class ClusterEventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #writing = new Set<Promise<void>>();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  record(object: KubernetesObject, event: EventText): void {
    const { logger } = this.#options;
    const writing = this.#write(object, event)
      .catch((error: unknown) => {
        const { namespace, name } = object.metadata;
        // A namespace that is being deleted takes no new objects.
        const level = isClusterError(error, 403) || isClusterError(error, 404) ? 'debug' : 'warn';
        logger[level]({ err: error, namespace, name, reason: event.reason }, 'an Event could not be recorded');
      })
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  /** Waits for what is being recorded. */
  async close(): Promise<void> {
    await Promise.all(this.#writing);
  }

  async #write(object: KubernetesObject, { type, reason, message }: EventText): Promise<void> {
    const { client, component, instance, clock } = this.#options;
    const { namespace = 'default', name: about = '', uid = '', resourceVersion = '' } = object.metadata;
    const digest = createHash('sha256')
      .update(JSON.stringify([uid, type, reason, message]))
      .digest('hex')
      .slice(0, 16);
    const name = `${about.slice(0, 200)}.${digest}`;
    const now = toTime(clock());
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { namespace, name },
      involvedObject: {
        apiVersion: object.apiVersion,
        kind: object.kind,
        namespace,
        name: about,
        uid,
        resourceVersion,
      },
      type,
      reason,
      message: message.slice(0, longestMessage),
      source: { component },
      reportingComponent: component,
      reportingInstance: instance,
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    };
    try {
      await client.create(collectionPath(eventResource, namespace), event);
    } catch (error) {
      if (!isClusterError(error, 409)) throw error;
      await this.#repeat(namespace, name, now);
    }
  }

  /** Without reading it first, which takes a permission more: the answer to a patch that changes the time has the count. */
  async #repeat(namespace: string, name: string, now: string): Promise<void> {
    const { client, component } = this.#options;
    const path = objectPath(eventResource, namespace, name);
    const known = await client.merge<Event>(path, { lastTimestamp: now }, component);
    await client.merge(path, { count: (known.count ?? 1) + 1 }, component);
  }
}
