import { packageContextObject } from '../../package/init-package.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import {
  configData,
  functionConfigGroup,
  functionConfigVersion,
  isConfigMap,
  isFunctionConfig,
  textField,
} from '../function-config.ts';

const kind = 'SetNamespace';
const longName = `${kind}.${functionConfigVersion}.${functionConfigGroup}`;

/** What set-namespace was asked for. */
export interface NamespaceConfig {
  readonly namespace: string;
  /** Only this namespace is replaced; empty replaces all. */
  readonly matcher: string;
}

/**
 * Reads the configuration in any of its forms.
 *
 * @throws Error that says what is missing or wrong
 */
export function readNamespaceConfig(config: KrmObject | undefined): NamespaceConfig {
  if (config === undefined || (config.apiVersion === '' && config.kind === '')) {
    throw new Error(`FunctionConfig is missing. Expect \`ConfigMap.v1\` or \`${longName}\``);
  }
  if (isConfigMap(config)) return fromConfigMap(config);
  if (isFunctionConfig(config, kind)) {
    const namespace = textField(config, ['namespace']);
    if (namespace === '') throw new Error('`namespace` should not be empty');
    return { namespace, matcher: textField(config, ['namespaceMatcher']) };
  }
  throw new Error(
    `unknown functionConfig Kind=${config.kind} ApiVersion=${config.apiVersion}, expect \`ConfigMap.v1\` or \`${longName}\``,
  );
}

function fromConfigMap(config: KrmObject): NamespaceConfig {
  const data = configData(config);
  // The ConfigMap of a package's context has the package's name in `data.name`.
  const isContext = config.name === packageContextObject;
  const namespace = data.get('namespace') || (isContext ? data.get('name') : '') || '';
  if (namespace === '') throw new Error(`\`data.${isContext ? 'name' : 'namespace'}\` should not be empty`);
  return { namespace, matcher: data.get('namespaceMatcher') ?? '' };
}
