import type { KrmObject } from '../../yaml/krm-object.ts';
import { type FieldSpec, readRenamedFieldSpecs } from '../field-spec.ts';
import { configData, isConfigMap, isFunctionConfig, textMap } from '../function-config.ts';

const kind = 'SetAnnotations';
const legacyKind = 'SetAnnotationConfig';

/** What set-annotations was asked for. */
export interface AnnotationsConfig {
  readonly annotations: ReadonlyMap<string, string>;
  /** Fields beside the usual ones. */
  readonly additionalFields: readonly FieldSpec[];
}

/**
 * Reads the configuration in any of its forms.
 *
 * @throws Error that says what is wrong
 */
export function readAnnotationsConfig(config: KrmObject | undefined): AnnotationsConfig {
  const read = readForm(config);
  if (read.annotations.size === 0) throw new Error('input annotation list cannot be empty');
  return read;
}

function readForm(config: KrmObject | undefined): AnnotationsConfig {
  if (config !== undefined && isConfigMap(config)) return { annotations: configData(config), additionalFields: [] };
  if (config === undefined || !(isFunctionConfig(config, kind) || isFunctionConfig(config, legacyKind))) {
    throw new Error(`\`functionConfig\` must be a \`ConfigMap\` or \`${kind}\``);
  }
  return {
    annotations: textMap(config, ['annotations']),
    additionalFields: readRenamedFieldSpecs(config, 'additionalAnnotationFields'),
  };
}
