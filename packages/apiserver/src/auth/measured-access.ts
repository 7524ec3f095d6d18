import { StatusError } from '../meta/status.ts';
import { shortSeconds } from '../metrics/buckets.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { timed } from '../metrics/timed.ts';
import type { Authenticator } from './authenticators.ts';
import type { Authorizer } from './authorizer.ts';

const labels = ['result'] as const;

/** The same authenticator, with its attempts counted. */
export function measureAuthentication(authenticator: Authenticator, metrics: Metrics): Authenticator {
  const attempts = metrics.counter({
    name: 'authentication_attempts',
    help: 'Requests whose sender was asked for, by result: success, failure, error.',
    labels,
  });
  const seconds = metrics.histogram({
    name: 'authentication_duration_seconds',
    help: 'Time to find out who sent a request.',
    labels,
    buckets: shortSeconds,
  });
  return {
    authenticate: (request) =>
      timed(
        () => authenticator.authenticate(request),
        {
          result: (user) => (user === undefined ? 'failure' : 'success'),
          failure: (error) => (error instanceof StatusError && error.code === 401 ? 'failure' : 'error'),
        },
        (result, took) => {
          attempts.add({ result });
          seconds.observe({ result }, took);
        },
      ),
  };
}

/** The same authorizer, with its decisions counted. */
export function measureAuthorization(authorizer: Authorizer, metrics: Metrics): Authorizer {
  const attempts = metrics.counter({
    name: 'authorization_attempts_total',
    help: 'Requests that were allowed, denied, or could not be decided on.',
    labels,
  });
  const seconds = metrics.histogram({
    name: 'authorization_duration_seconds',
    help: 'Time to find out whether a request is allowed.',
    labels,
    buckets: shortSeconds,
  });
  return {
    authorize: (user, attributes, signal) =>
      timed(
        () => authorizer.authorize(user, attributes, signal),
        { result: ({ allowed }) => (allowed ? 'allowed' : 'denied'), failure: () => 'error' },
        (result, took) => {
          attempts.add({ result });
          seconds.observe({ result }, took);
        },
      ),
  };
}
