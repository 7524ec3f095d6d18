import {
  type Counter,
  type Metrics,
  type OpenAnswer,
  type OpenEndpoint,
  type OpenRequest,
  StatusError,
  statusErrors,
} from '@porch/apiserver';
import type { Logger } from 'pino';
import { remoteAddress } from '../../resources/remote-address.ts';
import type { Repository } from '../../resources/repository.ts';
import { type HookHost, hookHosts } from './hook-host.ts';
import { pushedRemotes } from './pushed-remotes.ts';

/** Who may send webhooks, and what they lead to. */
export interface WebhookOptions {
  /** Any of them will do. */
  secrets(): Promise<readonly string[]>;
  /** The registered repositories of all namespaces. */
  registered(): readonly Repository[];
  /** Has a repository synchronised soon, whoever looks after it. */
  requestSync(namespace: string, name: string, by: string): Promise<void>;
  readonly notices: Counter<NoticeLabel>;
  readonly logger: Logger;
}

/** What notices are counted by. */
export type NoticeLabel = 'host' | 'outcome';

/** Counts what comes from Git hosts. */
export function createNoticeCounter(metrics: Metrics): Counter<NoticeLabel> {
  return metrics.counter({
    name: 'porch_webhook_requests_total',
    help: 'Notices of pushes from Git hosts, by what came of them: started, unknown, ignored or refused.',
    labels: ['host', 'outcome'],
  });
}

/**
 * `POST /hooks/github`, `/hooks/gitlab`, `/hooks/gitea`: a Git host tells of a push, and the repositories with that address are
 * synchronised at once. Whoever cannot prove to know a secret gets the 401 of any other path, and nothing is read from what they
 * sent. A notice that is sent twice, or replayed, asks for one more look at the remote and does nothing else.
 */
export function webhookEndpoints(options: WebhookOptions): readonly OpenEndpoint[] {
  return hookHosts.map((host) => ({
    path: `/hooks/${host.name}`,
    maxBodyBytes: 2 * 1024 * 1024,
    bodyMs: 10_000,
    inFlight: 8,
    answer: (request) => answer(host, request, options),
  }));
}

async function answer(host: HookHost, { headers, body }: OpenRequest, options: WebhookOptions): Promise<OpenAnswer> {
  const count = (outcome: string): void => options.notices.add({ host: host.name, outcome });
  const secrets = await options.secrets();
  if (!secrets.some((secret) => host.isAuthentic(headers, body, secret))) {
    count('refused');
    throw statusErrors.unauthorized();
  }
  const event = host.event(headers);
  if (!host.pushes.has(event)) {
    count('ignored');
    return { status: 200, body: { started: [], message: 'this event changes no branch or tag: nothing to do' } };
  }
  const started = await start(pushedBy(body, headers['content-type'] ?? '', count), `${host.name} webhook`, options);
  if (started.length === 0) {
    count('unknown');
    return { status: 200, body: { started, message: 'no repository with one of these addresses is registered' } };
  }
  count('started');
  options.logger.info({ host: host.name, event, repositories: started }, 'a push was announced');
  return { status: 202, body: { started } };
}

function pushedBy(body: Buffer, contentType: string, count: (outcome: string) => void): ReadonlySet<string> {
  try {
    return pushedRemotes(body, contentType);
  } catch (error) {
    if (error instanceof StatusError) count('refused');
    throw error;
  }
}

async function start(pushed: ReadonlySet<string>, by: string, options: WebhookOptions): Promise<string[]> {
  const meant = options.registered().filter(({ metadata, spec }) => {
    const address = spec.git === undefined ? undefined : remoteAddress(spec.git.repo);
    return address !== undefined && pushed.has(address) && metadata.deletionTimestamp === undefined;
  });
  return Promise.all(
    meant.map(async ({ metadata: { namespace = '', name = '' } }) => {
      await options.requestSync(namespace, name, by);
      return `${namespace}/${name}`;
    }),
  );
}
