import type { FunctionResultItem } from '../../pipeline/results.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { messageOf, report, reportOn } from '../reporting.ts';
import { dependsOnReferences, updateDependsOn } from './depends-on.ts';
import { type NamespaceConfig, readNamespaceConfig } from './namespace-config.ts';
import { namespaceFields } from './namespace-fields.ts';

/**
 * Puts resources into a namespace: names of Namespace objects, `metadata.namespace` and the fields of cluster-wide kinds
 * that name one. A configuration it cannot use is reported as an error, yet the function succeeds, as kpt's does.
 */
export const setNamespace: KrmFunction = { name: 'set-namespace', tags: ['v0.4.5', 'v0.4'], run };

function run({ items, config }: FunctionInput): FunctionOutput {
  let wanted: NamespaceConfig;
  try {
    wanted = readNamespaceConfig(config);
  } catch (error) {
    const reason = messageOf(error);
    return { results: [config === undefined ? report('error', reason) : reportOn(config, 'error', reason)] };
  }
  const { namespace, matcher } = wanted;
  const objects = items.filter((object) => !object.isLocalConfig);
  const references = dependsOnReferences(objects);

  const replaced: string[] = [];
  for (const field of namespaceFields(objects)) {
    const matches = matcher === '' || matcher === field.current || matcher === field.origin;
    if (!matches) continue;
    // What names no namespace is in `default` already, and yet is to say so; that counts as no change.
    if (field.object.getString(field.path) !== namespace) field.object.set(field.path, namespace);
    if (field.current !== namespace) replaced.push(field.current);
  }
  const followed = updateDependsOn(objects, references, namespace, matcher);

  return {
    results: [
      summary(
        replaced,
        namespace,
        'namespace',
        `all matching namespaces are already ${JSON.stringify(namespace)}. no value changed`,
      ),
      summary(
        followed,
        namespace,
        '`depends-on` annotation namespace',
        'all `depends-on` annotations are up-to-date. no `namespace` changed',
      ),
    ],
  };
}

function summary(replaced: readonly string[], namespace: string, what: string, unchanged: string): FunctionResultItem {
  if (replaced.length === 0) return report('info', unchanged);
  const old = [...new Set(replaced)].sort().join(' ');
  const count = `${replaced.length} value(s) changed`;
  return report('info', `${what} [${old}] updated to ${JSON.stringify(namespace)}, ${count}`);
}
