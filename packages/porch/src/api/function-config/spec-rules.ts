import { type FieldError, fieldError } from '@porch/apiserver';
import { isVariableName, isVariableValue } from '@porch/kpt';
import { parseDuration } from '../../resources/duration.ts';
import type { FunctionConfigSpec } from '../../resources/function-config.ts';
import { parseBytes } from '../../resources/quantity.ts';

/** The last part of the name of an image. */
export const imageName = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
/** A registry and a path. */
export const imagePrefix = /^(?:[A-Za-z0-9][-.A-Za-z0-9]*(?::\d+)?)(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
/** The tag of an image. */
export const imageTag = /^\w[-.\w]{0,127}$/;
/** A path whose parts are neither empty nor `..`. */
export const programPath = /^(?:[^/.][^/]*|\.[^/.][^/]*|\.\.[^/]+|\.)(?:\/(?:[^/.][^/]*|\.[^/.][^/]*|\.\.[^/]+|\.))*$/;
/** What is said of a FunctionConfig that names no way to run a function. */
export const noExecutor = 'at least one of podExecutor, binaryExecutor and goExecutor must be specified';

/** What is wrong with a FunctionConfig. */
export function specErrors(spec: FunctionConfigSpec): FieldError[] {
  const { image, prefixes = [], goExecutor, binaryExecutor, podExecutor } = spec;
  const errors: FieldError[] = [];
  if (!imageName.test(image)) {
    errors.push(
      fieldError.invalid('spec.image', image, 'must be the last part of the name of an image, without tag and digest'),
    );
  }
  for (const [index, text] of prefixes.entries()) {
    if (text === '' || imagePrefix.test(text)) continue;
    const detail = 'must be a registry and a path without a slash at the end, or "" for the default prefix';
    errors.push(fieldError.invalid(`spec.prefixes[${index}]`, text, detail));
  }
  if (goExecutor === undefined && binaryExecutor === undefined && podExecutor === undefined) {
    errors.push(fieldError.required('spec', noExecutor));
  }
  errors.push(...pathErrors(binaryExecutor?.path));
  for (const field of ['maxParallelExecutions', 'preferredMaxQueueLength'] as const) {
    const number = podExecutor?.[field];
    if (number === undefined || number >= 1) continue;
    errors.push(fieldError.invalid(`spec.podExecutor.${field}`, number, 'must be greater than or equal to 1'));
  }
  if (podExecutor?.timeToLive !== undefined && parseDuration(podExecutor.timeToLive) === undefined) {
    errors.push(fieldError.invalid('spec.podExecutor.timeToLive', podExecutor.timeToLive, notADuration));
  }
  return [
    ...errors,
    ...demandedTagErrors('goExecutor', goExecutor?.tags),
    ...demandedTagErrors('binaryExecutor', binaryExecutor?.tags),
    ...tagErrors('podExecutor', podExecutor?.tags),
    ...limitErrors(spec),
    ...variableErrors(spec),
  ];
}

const notADuration = 'must be a duration, for instance 30s or 5m';
/** What is said of a limit of no time or no bytes as well: nothing could be run within it. */
export const noTimeout = 'must be a duration of more than nothing, for instance 30s or 5m';
/** What is said of an amount of memory or output that is none. */
export const notASize = 'must be an amount of bytes, for instance 256Mi';

function demandedTagErrors(executor: string, tags: readonly string[] | undefined): FieldError[] {
  return tags?.length === 0
    ? [fieldError.required(`spec.${executor}.tags`, 'name the tags that it stands for')]
    : tagErrors(executor, tags);
}

function tagErrors(executor: string, tags: readonly string[] = []): FieldError[] {
  return tags.flatMap((text, index) =>
    imageTag.test(text)
      ? []
      : [fieldError.invalid(`spec.${executor}.tags[${index}]`, text, 'must be the tag of an image')],
  );
}

function pathErrors(path: string | undefined): FieldError[] {
  if (path === undefined) return [];
  return programPath.test(path)
    ? []
    : [fieldError.invalid('spec.binaryExecutor.path', path, 'must be a path below the directory of programs')];
}

function variableErrors({ podExecutor }: FunctionConfigSpec): FieldError[] {
  const { env = [] } = podExecutor?.templateOverrides?.container ?? {};
  return env.flatMap(({ name, value = '' }, index) => {
    const path = `spec.podExecutor.templateOverrides.container.env[${index}]`;
    return [
      ...(isVariableName(name) ? [] : [fieldError.invalid(`${path}.name`, name, 'must be the name of a variable')]),
      // It may be a secret, which no message is to show.
      ...(isVariableValue(value) ? [] : [fieldError.forbidden(`${path}.value`, 'must be a single line')]),
    ];
  });
}

function limitErrors({ limits = {}, podExecutor }: FunctionConfigSpec): FieldError[] {
  const errors: FieldError[] = [];
  const { timeout, memory, output } = limits;
  if (timeout !== undefined && !(Number(parseDuration(timeout)) > 0)) {
    errors.push(fieldError.invalid('spec.limits.timeout', timeout, noTimeout));
  }
  const containerMemory = podExecutor?.templateOverrides?.container?.resources?.limits?.memory;
  for (const [field, text] of [
    ['limits.memory', memory],
    ['limits.output', output],
    ['podExecutor.templateOverrides.container.resources.limits[memory]', containerMemory],
  ] as const) {
    if (text === undefined || parseBytes(String(text)) !== undefined) continue;
    errors.push(fieldError.invalid(`spec.${field}`, text, notASize));
  }
  return errors;
}
