import { StatusError } from '../meta/status.ts';
import { shortSeconds } from '../metrics/buckets.ts';
import type { Counter, Histogram, MetricDefinition, Metrics } from '../metrics/metrics.ts';
import type { Authenticator } from './authenticators.ts';
import type { Authorizer } from './authorizer.ts';

interface Measured {
  readonly attempts: Counter<'result'>;
  readonly seconds: Histogram<'result'>;
}

/** Runs work and records how it ended and how long it took. */
async function measure<T>(
  { attempts, seconds }: Measured,
  work: () => Promise<T>,
  resultOf: (outcome: T) => string,
  failureOf: (error: unknown) => string,
): Promise<T> {
  const begun = performance.now();
  let result = '';
  try {
    const outcome = await work();
    result = resultOf(outcome);
    return outcome;
  } catch (error) {
    result = failureOf(error);
    throw error;
  } finally {
    attempts.add({ result });
    seconds.observe({ result }, (performance.now() - begun) / 1000);
  }
}

function measured(
  metrics: Metrics,
  attempts: MetricDefinition<'result'>,
  seconds: MetricDefinition<'result'>,
): Measured {
  return { attempts: metrics.counter(attempts), seconds: metrics.histogram({ ...seconds, buckets: shortSeconds }) };
}

/** The same authenticator, with its attempts counted. */
export function measureAuthentication(authenticator: Authenticator, metrics: Metrics): Authenticator {
  const labels = ['result'] as const;
  const both = measured(
    metrics,
    {
      name: 'authentication_attempts',
      help: 'Requests whose sender was asked for, by result: success, failure, error.',
      labels,
    },
    { name: 'authentication_duration_seconds', help: 'Time to find out who sent a request.', labels },
  );
  return {
    authenticate: (request) =>
      measure(
        both,
        () => authenticator.authenticate(request),
        (user) => (user === undefined ? 'failure' : 'success'),
        (error) => (error instanceof StatusError && error.code === 401 ? 'failure' : 'error'),
      ),
  };
}

/** The same authorizer, with its decisions counted. */
export function measureAuthorization(authorizer: Authorizer, metrics: Metrics): Authorizer {
  const labels = ['result'] as const;
  const both = measured(
    metrics,
    {
      name: 'authorization_attempts_total',
      help: 'Requests that were allowed, denied, or could not be decided on.',
      labels,
    },
    { name: 'authorization_duration_seconds', help: 'Time to find out whether a request is allowed.', labels },
  );
  return {
    authorize: (user, attributes, signal) =>
      measure(
        both,
        () => authorizer.authorize(user, attributes, signal),
        (decision) => (decision.allowed ? 'allowed' : 'denied'),
        () => 'error',
      ),
  };
}
