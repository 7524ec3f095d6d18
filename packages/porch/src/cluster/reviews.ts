import { setTimeout as pause } from 'node:timers/promises';
import type { AccessReviewer, Attributes, Decision, TokenReviewer, UserInfo } from '@porch/apiserver';
import type { ClusterClient } from './cluster-client.ts';
import { isClusterError } from './cluster-error.ts';

const tokenReviews = '/apis/authentication.k8s.io/v1/tokenreviews';
const accessReviews = '/apis/authorization.k8s.io/v1/subjectaccessreviews';

/** How long a review may take with all its attempts, and the pauses between them, in milliseconds. */
const reviewMs = 10_000;
const pausesMs = [250, 500, 1000] as const;

interface TokenReview {
  readonly status?: {
    readonly authenticated?: boolean;
    readonly user?: {
      readonly username?: string;
      readonly uid?: string;
      readonly groups?: readonly string[];
      readonly extra?: Readonly<Record<string, readonly string[]>>;
    };
  };
}

interface SubjectAccessReview {
  readonly status?: { readonly allowed?: boolean; readonly reason?: string };
}

/** Reviews change nothing, so they are asked for again when the cluster does not answer. */
async function review<T>(client: ClusterClient, path: string, body: unknown): Promise<T> {
  const signal = AbortSignal.timeout(reviewMs);
  for (const wait of [...pausesMs, undefined]) {
    try {
      return await client.create<T>(path, body, { signal });
    } catch (error) {
      if (wait === undefined || signal.aborted || !isClusterError(error) || !error.transient) throw error;
      await pause(wait);
    }
  }
  throw new Error('a review ends with an answer or an error');
}

/** Lets the cluster tell whose a bearer token is. */
export function clusterTokenReviewer(client: ClusterClient): TokenReviewer {
  return {
    async review(token) {
      const answer = await review<TokenReview>(client, tokenReviews, {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        spec: { token },
      });
      const { authenticated = false, user } = answer.status ?? {};
      if (!authenticated || (user?.username ?? '') === '') return undefined;
      const { username: name = '', uid = '', groups = [], extra } = user ?? {};
      return { name, groups, ...(uid === '' ? {} : { uid }), ...(extra === undefined ? {} : { extra }) };
    },
  };
}

function attributesOf(attributes: Attributes): object {
  if (attributes.type === 'path') {
    return { nonResourceAttributes: { path: attributes.path, verb: attributes.verb } };
  }
  const { verb, group, version, resource, subresource, namespace, name, labelSelector, fieldSelector } = attributes;
  return {
    resourceAttributes: {
      verb,
      group,
      resource,
      ...(version === undefined ? {} : { version }),
      ...(subresource === '' ? {} : { subresource }),
      ...(namespace === '' ? {} : { namespace }),
      ...(name === '' ? {} : { name }),
      ...(labelSelector === undefined ? {} : { labelSelector: { rawSelector: labelSelector } }),
      ...(fieldSelector === undefined ? {} : { fieldSelector: { rawSelector: fieldSelector } }),
    },
  };
}

/** Lets the cluster tell what users may do. */
export function clusterAccessReviewer(client: ClusterClient): AccessReviewer {
  return {
    async review({ name, uid, groups, extra }: UserInfo, attributes): Promise<Decision> {
      const answer = await review<SubjectAccessReview>(client, accessReviews, {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: {
          ...attributesOf(attributes),
          user: name,
          groups,
          ...(uid === undefined ? {} : { uid }),
          ...(extra === undefined ? {} : { extra }),
        },
      });
      const { allowed = false, reason = '' } = answer.status ?? {};
      return reason === '' ? { allowed } : { allowed, reason };
    },
  };
}
