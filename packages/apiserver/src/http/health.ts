import type { Exchange } from './exchange.ts';
import { queryBoolean } from './request-info.ts';
import { sendText } from './respond.ts';

/** One thing that must be well. */
export interface HealthCheck {
  /** As it appears in paths and reports, for instance `store`. */
  readonly name: string;
  /** Which of the health paths ask it: all of them, or `/readyz` alone. */
  readonly of: 'live' | 'ready';
  /** Throws, or rejects, when it is not well. The reason is logged and not shown. */
  check(): void | Promise<void>;
}

interface Outcome {
  readonly name: string;
  readonly failed: boolean;
}

/** Answers the health paths. */
export interface HealthEndpoint {
  answer(exchange: Exchange): Promise<void>;
}

async function run(check: HealthCheck, onFailure: (name: string, error: unknown) => void): Promise<Outcome> {
  try {
    await check.check();
    return { name: check.name, failed: false };
  } catch (error) {
    onFailure(check.name, error);
    return { name: check.name, failed: true };
  }
}

/** `unknown`: names that were to be excluded, and are those of no check. */
function report(
  path: string,
  outcomes: readonly Outcome[],
  excluded: readonly string[],
  unknown: readonly string[],
): string {
  const names = unknown.map((name) => JSON.stringify(name)).join(',');
  const lines = [
    ...outcomes.map(({ name, failed }) => (failed ? `[-]${name} failed: reason withheld` : `[+]${name} ok`)),
    ...excluded.map((name) => `[+]${name} excluded: ok`),
    ...(names === '' ? [] : [`warn: some health checks cannot be excluded: no matches for ${names}`]),
  ];
  return `${lines.join('\n')}\n${path} check ${outcomes.some(({ failed }) => failed) ? 'failed' : 'passed'}\n`;
}

/** The health paths over a set of checks. `onFailure` hears why one failed. */
export function createHealthEndpoint(
  checks: readonly HealthCheck[],
  onFailure: (name: string, error: unknown) => void,
): HealthEndpoint {
  const ping: HealthCheck = { name: 'ping', of: 'live', check() {} };
  const live = [ping, ...checks.filter((check) => check.of === 'live')];
  const byPath: Readonly<Record<string, readonly HealthCheck[]>> = {
    healthz: live,
    livez: live,
    readyz: [...live, ...checks.filter((check) => check.of === 'ready')],
  };

  return {
    async answer(exchange) {
      const [, path = '', single] = exchange.path.split('/');
      const known = byPath[path] ?? [];
      if (single !== undefined && single !== '') {
        const check = known.find(({ name }) => name === single);
        if (check === undefined) {
          await sendText(exchange, 404, '404 page not found\n');
          return;
        }
        const { failed } = await run(check, onFailure);
        await sendText(exchange, failed ? 500 : 200, failed ? 'internal server error: reason withheld\n' : 'ok');
        return;
      }
      const named = [...new Set(exchange.query.getAll('exclude'))].sort();
      const isKnown = (name: string): boolean => known.some((check) => check.name === name);
      const excluded = named.filter(isKnown);
      const asked = known.filter(({ name }) => !excluded.includes(name));
      const outcomes = await Promise.all(asked.map((check) => run(check, onFailure)));
      const failed = outcomes.some((outcome) => outcome.failed);
      if (failed || queryBoolean(exchange.query, 'verbose')) {
        await sendText(
          exchange,
          failed ? 500 : 200,
          report(
            path,
            outcomes,
            excluded,
            named.filter((name) => !isKnown(name)),
          ),
        );
      } else {
        await sendText(exchange, 200, 'ok');
      }
    },
  };
}
