import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Authenticator } from '../auth/authenticators.ts';
import { type Attributes, type Authorizer, forbiddenError } from '../auth/authorizer.ts';
import type { UserInfo } from '../auth/user.ts';
import { isPlainAnswer, isStatusError, statusErrors } from '../meta/status.ts';
import { ClientGoneError, isClientGone } from './client-gone.ts';
import { connectionOf, type Exchange, isRead } from './exchange.ts';
import type { Filter } from './filter.ts';
import { parseGoDuration } from './go-duration.ts';
import { maxParameters } from './query.ts';
import { isOpenPath, parseRequestInfo } from './request-info.ts';
import { asStatusError, sendError } from './respond.ts';

/** Gives each request the id that its log lines and its answer carry; a caller's own id is kept. */
export const auditIdFilter: Filter = async (exchange, next) => {
  const given = exchange.headers['audit-id'];
  exchange.auditId = typeof given === 'string' && /^[\x21-\x7e]{1,64}$/.test(given) ? given : randomUUID();
  await next();
};

/** Answers whatever goes wrong further in. What nobody expected is logged with its cause, what was thrown as an answer in a few words. */
export function errorFilter(logger: Logger): Filter {
  return async (exchange, next) => {
    try {
      await next();
    } catch (error) {
      const { signal } = exchange.abort;
      const answered = asStatusError(error, exchange.auditId);
      if (answered.code >= 500 && !isClientGone(signal.reason)) {
        const { auditId, method, path } = exchange;
        const request = { auditId, ...traceOf(exchange), method, path };
        if (isPlainAnswer(error)) logger.warn({ ...request, reason: error.message }, 'request not served');
        else logger.error({ ...request, err: error }, 'request failed');
      }
      sendError(exchange, answered);
    }
  };
}

/** Finds out what the request asks for. Refuses one with too many parameters, of which none have been read. */
export const requestInfoFilter: Filter = async (exchange, next) => {
  if (exchange.hasTooManyParameters) {
    throw statusErrors.badRequest(`the request has more than ${maxParameters} parameters`);
  }
  exchange.info = parseRequestInfo(exchange.method, exchange.path, exchange.query);
  await next();
};

function traceOf({ traceId }: Exchange): { readonly traceId?: string } {
  return traceId === undefined ? {} : { traceId };
}

/** One line for each request: reads at level debug, writes at level info. */
export function loggingFilter(logger: Logger, now: () => number): Filter {
  return async (exchange, next) => {
    try {
      await next();
    } finally {
      const { info, method, path, auditId, user, impersonator, response } = exchange;
      const reads = isRead(method);
      if (logger.isLevelEnabled(reads ? 'debug' : 'info')) {
        const line = {
          auditId,
          ...traceOf(exchange),
          method,
          path,
          verb: info.verb,
          user: user.name,
          ...(impersonator === undefined ? {} : { impersonator: impersonator.name }),
          status: response.statusCode,
          ms: Math.round(now() - exchange.receivedAt),
        };
        if (reads) logger.debug(line, 'request');
        else logger.info(line, 'request');
      }
    }
  };
}

/** Said of writes only: what they have begun to store, or to push, is not cut off. */
const mayStillHappen =
  ', but the server may still be processing it; see whether it was carried out before trying again';

/** Bounds everything but watches: the client's `timeout`, at most the server's own. */
export function deadlineFilter(maximumMs: number): Filter {
  return async (exchange, next) => {
    const { info, method, query, abort } = exchange;
    if (info.verb === 'watch') {
      await next();
      return;
    }
    const asked = query.get('timeout') ?? '';
    const wanted = asked === '' ? maximumMs : parseGoDuration(asked);
    const limit = wanted <= 0 ? maximumMs : Math.min(wanted, maximumMs);
    const expired = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const outcome = isRead(method) ? '' : mayStillHappen;
      const error = statusErrors.timeout(`request did not complete within the allotted timeout${outcome}`);
      exchange.terminated = true;
      abort.abort(error);
      expired.reject(error);
    }, limit);
    try {
      await Promise.race([next(), expired.promise]);
    } finally {
      clearTimeout(timer);
    }
  };
}

/**
 * Finds out who asks. Health paths and the version are open to everyone, also to those whose credentials are not good; nothing else is.
 */
export function authenticationFilter(authenticator: Authenticator): Filter {
  const identify = async ({ path, request, headers, onlyByToken }: Exchange): Promise<UserInfo | undefined> => {
    const connection = connectionOf(request);
    if (connection === undefined) throw new ClientGoneError();
    const socket = onlyByToken === true ? undefined : connection;
    try {
      return await authenticator.authenticate({ headers, rawHeaders: request.rawHeaders, socket });
    } catch (error) {
      if (isOpenPath(path) && isStatusError(error, 'Unauthorized')) return undefined;
      throw error;
    }
  };
  return async (exchange, next) => {
    const user = await identify(exchange);
    if (user !== undefined) exchange.user = user;
    else if (!isOpenPath(exchange.path)) throw statusErrors.unauthorized();
    delete exchange.headers.authorization;
    await next();
  };
}

/** What a request wants to do. */
export function attributesOf(exchange: Exchange): Attributes {
  const { info } = exchange;
  if (info.type === 'path') return { type: 'path', verb: info.verb, path: info.path };
  const { verb, group, version, resource, subresource, namespace, name } = info;
  const attributes = { type: 'resource', verb, group, version, resource, subresource, namespace, name } as const;
  if (verb !== 'list' && verb !== 'watch' && verb !== 'deletecollection') return attributes;
  const labelSelector = exchange.query.get('labelSelector') ?? '';
  const fieldSelector = exchange.query.get('fieldSelector') ?? '';
  return {
    ...attributes,
    ...(labelSelector === '' ? {} : { labelSelector }),
    ...(fieldSelector === '' ? {} : { fieldSelector }),
  };
}

/** Finds out whether they may. */
export function authorizationFilter(authorizer: Authorizer): Filter {
  return async (exchange, next) => {
    if (!isOpenPath(exchange.path)) {
      const attributes = attributesOf(exchange);
      const decision = await authorizer.authorize(exchange.user, attributes, exchange.abort.signal);
      exchange.audit?.annotate('authorization.k8s.io/decision', decision.allowed ? 'allow' : 'forbid');
      exchange.audit?.annotate('authorization.k8s.io/reason', decision.reason ?? '');
      if (!decision.allowed) throw forbiddenError(exchange.user, attributes, decision);
    }
    await next();
  };
}
