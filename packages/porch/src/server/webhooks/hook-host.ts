import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isForm, noticeText } from './pushed-remotes.ts';

/** How one kind of Git host tells of pushes. */
export interface HookHost {
  /** Last part of the path. */
  readonly name: 'github' | 'gitlab' | 'gitea';
  /** What happened, from the header that says so; empty where none does. */
  event(headers: IncomingHttpHeaders): string;
  /** Events after which references may have changed. All others are taken note of, and nothing is done. */
  readonly pushes: ReadonlySet<string>;
  /** Whether the sender knows the secret. Takes as long whether it is nearly right or not at all. */
  isAuthentic(headers: IncomingHttpHeaders, body: Buffer, secret: string): boolean;
}

function header(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

/** Compares texts without telling by the time how much of them is the same. */
function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function signature(body: Buffer | string, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
const github: HookHost = {
  name: 'github',
  event: (headers) => header(headers, 'x-github-event'),
  pushes: new Set(['push', 'create', 'delete']),
  isAuthentic: (headers, body, secret) =>
    same(header(headers, 'x-hub-signature-256'), `sha256=${signature(body, secret)}`),
};

/** https://docs.gitea.com/usage/webhooks; Forgejo sends the same. Of a form it is the field `payload` that they sign. */
const gitea: HookHost = {
  name: 'gitea',
  event: (headers) => header(headers, 'x-gitea-event'),
  pushes: new Set(['push', 'create', 'delete']),
  isAuthentic: (headers, body, secret) => {
    const contentType = header(headers, 'content-type');
    const signed = isForm(contentType) ? noticeText(body, contentType) : body;
    return same(header(headers, 'x-gitea-signature'), signature(signed, secret));
  },
};

/** https://docs.gitlab.com/user/project/integrations/webhooks: the secret itself is sent, and nothing is signed. */
const gitlab: HookHost = {
  name: 'gitlab',
  event: (headers) => header(headers, 'x-gitlab-event'),
  pushes: new Set(['Push Hook', 'Tag Push Hook', 'System Hook']),
  isAuthentic: (headers, _body, secret) => same(header(headers, 'x-gitlab-token'), secret),
};

export const hookHosts: readonly HookHost[] = [github, gitlab, gitea];
