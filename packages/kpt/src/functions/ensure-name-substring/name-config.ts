import type { KrmObject } from '../../yaml/krm-object.ts';
import { type FieldSpec, readRenamedFieldSpecs } from '../field-spec.ts';
import {
  configData,
  functionConfigGroup,
  functionConfigVersion,
  isConfigMap,
  isFunctionConfig,
  textField,
} from '../function-config.ts';

const kind = 'EnsureNameSubstring';
const expected = `/v1, Kind=ConfigMap or ${functionConfigGroup}/${functionConfigVersion}, Kind=${kind}`;

/** What ensure-name-substring was asked for. */
export interface NameConfig {
  /** Gives a name the substring where it lacks it. */
  readonly withSubstring: (name: string) => string;
  /** Fields beside the name. */
  readonly additionalFields: readonly FieldSpec[];
}

/**
 * Reads the configuration in either of its forms.
 *
 * @throws Error that says what is wrong
 */
export function readNameConfig(config: KrmObject | undefined): NameConfig {
  if (config === undefined) throw new Error(`function config must be either ${expected}, but there is none`);
  if (isConfigMap(config)) {
    const [entry, ...others] = configData(config);
    if (entry === undefined || others.length > 0) {
      throw new Error(
        `only 1 entry is allowed in the ConfigMap, but got: ${entry === undefined ? 0 : 1 + others.length}`,
      );
    }
    return { withSubstring: editor(...entry), additionalFields: [] };
  }
  if (!isFunctionConfig(config, kind)) {
    const actual = `${config.apiVersion}, Kind=${config.kind}`;
    throw new Error(`function config must be either ${expected}, but we got: ${actual}`);
  }
  return {
    withSubstring: editor(textField(config, ['editMode']) || 'prepend', textField(config, ['substring'])),
    additionalFields: readRenamedFieldSpecs(config, 'additionalNameFields'),
  };
}

function editor(mode: string, substring: string): (name: string) => string {
  if (mode !== 'prepend' && mode !== 'append') {
    throw new Error(`unknown editMode: ${mode}, only prepend and append are allowed`);
  }
  if (substring === '') throw new Error('substring must not be empty');
  const edited = (name: string) => (mode === 'prepend' ? substring + name : name + substring);
  return (name) => (name.includes(substring) ? name : edited(name));
}
