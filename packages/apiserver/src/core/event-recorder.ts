import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { toTime } from '../meta/object.ts';
import { isStatusError } from '../meta/status.ts';
import type { ResourceStorage } from '../registry/resource.ts';
import { serverContext } from '../registry/server-context.ts';
import type { ServedObject } from '../storage/served-object.ts';
import type { Event } from './event.ts';

/** What an event says. */
export interface EventText {
  readonly type: 'Normal' | 'Warning';
  /** One word for programs. */
  readonly reason: string;
  /** For people. */
  readonly message: string;
}

/** What a recorder writes with. */
export interface EventRecorderOptions {
  readonly storage: Pick<Required<ResourceStorage<Event>>, 'create' | 'update'>;
  /** Who reports. */
  readonly component: string;
  readonly now: () => Date;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Where events of cluster-scoped objects are kept. */
const clusterNamespace = 'default';
const longestName = 253;

/** Writes events about objects. One that says the same of the same object again is counted up. */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** Records an event in the background, one after another; a failure is logged. */
  record(about: ServedObject, text: EventText): void {
    this.#writing = this.#writing
      .then(() => this.#write(about, text))
      .catch((error: unknown) => {
        this.#options.logger.warn({ err: error, ...about.key, reason: text.reason }, 'event could not be recorded');
      });
  }

  /** Waits until all that was recorded is written. */
  async close(): Promise<void> {
    await this.#writing;
  }

  async #write(about: ServedObject, text: EventText): Promise<void> {
    const { storage, component } = this.#options;
    const event = this.#event(about, text);
    const { namespace = '', name = '' } = event.metadata;
    const context = serverContext(component, namespace);
    const options = { dryRun: false, fieldManager: component };
    const again = (current: Event | undefined): Event => ({
      ...(current ?? event),
      count: (current?.count ?? 0) + 1,
      ...(event.lastTimestamp === undefined ? {} : { lastTimestamp: event.lastTimestamp }),
    });
    try {
      await storage.update(context, name, again, options);
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
      await storage.create(context, event, options);
    }
  }

  #event(about: ServedObject, { type, reason, message }: EventText): Event {
    const { component, now } = this.#options;
    const { apiVersion, kind } = about.decode();
    const { namespace, name } = about.key;
    const digest = createHash('sha256').update([about.uid, component, reason, message].join('\n')).digest('hex');
    const suffix = `.${digest.slice(0, 16)}`;
    const time = toTime(now());
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {
        name: `${name.slice(0, longestName - suffix.length)}${suffix}`,
        namespace: namespace === '' ? clusterNamespace : namespace,
      },
      involvedObject: {
        apiVersion,
        kind,
        name,
        uid: about.uid,
        resourceVersion: String(about.revision),
        ...(namespace === '' ? {} : { namespace }),
      },
      type,
      reason,
      message,
      source: { component },
      reportingComponent: component,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    };
  }
}
