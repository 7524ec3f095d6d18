import {
  imageName,
  imagePrefix,
  imageTag,
  noExecutor,
  noTimeout,
  notASize,
  programPath,
} from '../../packages/porch/src/api/function-config/spec-rules.ts';
import { durationPattern } from '../../packages/porch/src/resources/duration.ts';
import { functionConfigSchema } from '../../packages/porch/src/resources/function-config.ts';
import { configGroup, configVersion } from '../../packages/porch/src/resources/group.ts';
import { amountPattern } from '../../packages/porch/src/resources/quantity.ts';
import type { CustomResource } from './custom-resource.ts';

const executors = ['goExecutor', 'binaryExecutor', 'podExecutor'] as const;

/** Whether an amount is more than nothing. A pattern cannot say it: those of a cluster do not look ahead. */
const hasDigit = "self.matches('[1-9]')";

/** The rules are those that a server has which keeps FunctionConfigs itself. */
export const functionConfigResource: CustomResource = {
  group: configGroup,
  version: configVersion,
  kind: 'FunctionConfig',
  plural: 'functionconfigs',
  singular: 'functionconfig',
  description: 'How the images of a function are run.',
  schema: functionConfigSchema,
  rules: {
    spec: [{ rule: executors.map((name) => `has(self.${name})`).join(' || '), message: noExecutor }],
    'spec.limits.timeout': [{ rule: hasDigit, message: noTimeout }],
    'spec.limits.memory': [{ rule: hasDigit, message: notASize }],
    'spec.limits.output': [{ rule: hasDigit, message: notASize }],
  },
  patterns: {
    'spec.image': imageName,
    'spec.prefixes.[]': new RegExp(`^$|${imagePrefix.source}`),
    ...Object.fromEntries(executors.map((name) => [`spec.${name}.tags.[]`, imageTag])),
    'spec.binaryExecutor.path': programPath,
    'spec.podExecutor.timeToLive': durationPattern,
    'spec.limits.timeout': durationPattern,
    'spec.limits.memory': amountPattern,
    'spec.limits.output': amountPattern,
  },
  columns: [
    { name: 'Image', type: 'string', jsonPath: '.spec.image' },
    { name: 'Prefixes', type: 'string', jsonPath: '.spec.prefixes' },
    { name: 'Error', type: 'string', jsonPath: '.status.error' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  hasStatus: true,
};
