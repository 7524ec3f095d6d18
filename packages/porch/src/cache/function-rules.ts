import type { FunctionRule } from '@porch/kpt';
import { longestTimerMs, parseDuration } from '../resources/duration.ts';
import type { FunctionConfig } from '../resources/function-config.ts';
import { functionNamespace } from '../resources/group.ts';
import { parseBytes } from '../resources/quantity.ts';
import type { FunctionConfigSource } from './function-config-source.ts';

/**
 * How functions of packages in a namespace are run now: by the FunctionConfigs of that namespace, and after them by those of
 * `porch-fn-system`, each in the order of their names. The first that is for an image decides.
 */
export function functionRules(
  configs: Pick<FunctionConfigSource, 'list'>,
  namespace: string,
  defaultPrefix: string,
): readonly FunctionRule[] {
  return [...new Set([namespace, functionNamespace])].flatMap((each) =>
    configs
      .list(each)
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
      .map((object) => functionRule(object, defaultPrefix)),
  );
}

/** The rule that a FunctionConfig stands for. */
export function functionRule({ metadata, spec }: FunctionConfig, defaultPrefix: string): FunctionRule {
  const { image, prefixes = [], goExecutor, binaryExecutor, podExecutor } = spec;
  return {
    owner: `${metadata.namespace}/${metadata.name}`,
    image,
    prefixes: prefixes.map((prefix) => prefix || defaultPrefix),
    ...(goExecutor && { builtIn: { name: goExecutor.id || (metadata.name ?? ''), tags: goExecutor.tags } }),
    ...(binaryExecutor && { program: binaryExecutor }),
    ...(podExecutor && { container: { tags: podExecutor.tags ?? [], environment: environmentOf(podExecutor) } }),
    ...(podExecutor?.maxParallelExecutions !== undefined && { maxParallel: podExecutor.maxParallelExecutions }),
    limits: limitsOf(spec),
  };
}

function environmentOf({ templateOverrides }: NonNullable<FunctionConfig['spec']['podExecutor']>) {
  const variables = templateOverrides?.container?.env ?? [];
  return Object.fromEntries(variables.map(({ name, value = '' }) => [name, value]));
}

function limitsOf({ limits = {}, podExecutor }: FunctionConfig['spec']): NonNullable<FunctionRule['limits']> {
  const memory = limits.memory ?? podExecutor?.templateOverrides?.container?.resources?.limits?.memory;
  const timeoutMs = limits.timeout === undefined ? undefined : parseDuration(limits.timeout);
  const memoryBytes = memory === undefined ? undefined : parseBytes(String(memory));
  const outputBytes = limits.output === undefined ? undefined : parseBytes(limits.output);
  return {
    ...(timeoutMs !== undefined && timeoutMs > 0 && { timeoutMs: Math.min(timeoutMs, longestTimerMs) }),
    ...(memoryBytes !== undefined && { memoryBytes }),
    ...(outputBytes !== undefined && { outputBytes }),
  };
}
