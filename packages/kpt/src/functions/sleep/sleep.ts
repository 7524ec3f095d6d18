import { Budget, defaultLimits } from '../../starlark/limits.ts';
import { Duration, parseDuration } from '../../starlark/modules/time/duration.ts';
import { repr } from '../../starlark/values/repr.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { isConfigMap } from '../function-config.ts';
import { messageOf } from '../reporting.ts';

/** How long it waits when nothing else is said. */
const usual = '10s';

/** Has its answer held back, and changes nothing: for trying out what happens while functions take their time. */
export const sleep: KrmFunction = { name: 'sleep', tags: ['v0.1.0', 'v0.1'], run };

function run({ config }: FunctionInput): FunctionOutput {
  let duration: Duration;
  try {
    duration = durationOf(config);
  } catch (error) {
    return { results: [], failed: messageOf(error) };
  }
  const text = repr(duration, new Budget(defaultLimits));
  const heldMs = Math.max(0, Number(duration.nanoseconds) / 1e6);
  return { results: [], isRepeatable: false, heldMs, stderr: `Sleeping for ${text}...\nSleep completed.` };
}

/** @throws Error that names the field that is wrong */
function durationOf(config: KrmObject | undefined): Duration {
  if (config === undefined || !isConfigMap(config)) return parseDuration(usual);
  if (config.root === undefined || !config.root.has('data')) {
    throw new Error("couldn't parse FunctionConfig's data field");
  }
  const duration = config.getString(['data', 'duration'])?.trim();
  if (duration !== undefined) return parsed('duration', duration, parseDuration);
  const seconds = config.getString(['data', 'sleepSeconds'])?.trim();
  if (seconds !== undefined) return parsed('sleepSeconds', seconds, wholeSeconds);
  throw new Error("FunctionConfig's data field contains neither `duration` nor `sleepSeconds`");
}

function parsed(field: string, text: string, parse: (text: string) => Duration): Duration {
  try {
    return parse(text);
  } catch (error) {
    throw new Error(`couldn't parse \`${field}\` field of functionConfig: ${messageOf(error)}`, { cause: error });
  }
}

function wholeSeconds(text: string): Duration {
  if (!/^[-+]?\d{1,12}$/.test(text)) throw new Error(`${JSON.stringify(text)} is not a whole number of seconds`);
  return new Duration(BigInt(text.replace('+', '')) * 1_000_000_000n);
}
