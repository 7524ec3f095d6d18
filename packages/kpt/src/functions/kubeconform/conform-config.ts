import { isMap, isSeq } from 'yaml';
import type { KrmObject } from '../../yaml/krm-object.ts';

/** What kubeconform is asked to do. */
export interface ConformConfig {
  /** Where schemas are, the first one that has a kind counts; undefined where none is named. */
  readonly locations: readonly string[] | undefined;
  /** Whether objects that there is no schema for are fine. */
  readonly ignoresMissing: boolean;
  /** Kinds that are left alone: `Pod`, or `apps/v1/Deployment`. */
  readonly skippedKinds: ReadonlySet<string>;
  /** Whether fields that a schema does not name are errors. */
  readonly strict: boolean;
}

/**
 * Reads the configuration: keys of a ConfigMap's `data`, or of any other object itself.
 *
 * @throws Error for a value that is of another type, and for a location that is not in the package or in the directory with schemas
 */
export function readConformConfig(config: KrmObject | undefined): ConformConfig {
  const textAt = (path: readonly string[]): string => {
    const node = config?.node(path);
    if (isMap(node) || isSeq(node))
      throw new Error(`\`${path.join('.')}\` must be a text; several are separated by commas`);
    return config?.getString(path) ?? '';
  };
  const text = (key: string): string => textAt([key]) || textAt(['data', key]);
  const list = (key: string): readonly string[] =>
    text(key)
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  const isTrue = (key: string): boolean => {
    const value = text(key);
    if (/^(?:true|1)$/i.test(value)) return true;
    if (/^(?:false|0|)$/i.test(value)) return false;
    throw new Error(`\`${key}\` must be true or false, not ${JSON.stringify(value)}`);
  };
  const locations = [text('schema_location'), ...list('additional_schema_locations')].filter((item) => item !== '');
  for (const location of locations) refuseRemote(location);
  return {
    locations: locations.length === 0 ? undefined : locations,
    ignoresMissing: isTrue('ignore_missing_schemas'),
    skippedKinds: new Set(list('skip_kinds')),
    strict: isTrue('strict'),
  };
}

function refuseRemote(location: string): void {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(location) || location.startsWith('file://')) return;
  throw new Error(
    `schema location ${JSON.stringify(location)} is elsewhere: schemas are read from files of the package, or from the ` +
      'directory with schemas that the program was given, never over a network',
  );
}
