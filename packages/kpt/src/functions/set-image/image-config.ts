import type { KrmObject } from '../../yaml/krm-object.ts';
import { type FieldSpec, readFieldSpecs } from '../field-spec.ts';
import { functionConfigGroup, isConfigMap, isFunctionConfig, textMap } from '../function-config.ts';
import type { ImageChange } from './image-name.ts';

const kind = 'SetImage';
const parameters = ['name', 'newName', 'newTag', 'digest'];

/** What set-image was asked for. */
export interface ImageConfig {
  readonly change: ImageChange;
  readonly additionalFields: readonly FieldSpec[];
}

/**
 * Reads the configuration in either of its forms.
 *
 * @throws Error that says what is wrong
 */
export function readImageConfig(config: KrmObject | undefined): ImageConfig {
  if (config !== undefined && !isConfigMap(config) && !isFunctionConfig(config, kind)) {
    const name = config.group === '' ? config.kind : `${config.kind}.${config.group}`;
    throw new Error(`unknown kind \`${name}\`, expect \`${kind}.${functionConfigGroup}\` or \`ConfigMap.v1\``);
  }
  const isMap = config !== undefined && isConfigMap(config);
  const data: ReadonlyMap<string, string> =
    config === undefined ? new Map() : textMap(config, [isMap ? 'data' : 'image']);
  for (const key of data.keys()) {
    if (!parameters.includes(key)) {
      const where = isMap ? 'ConfigMap' : '`image`';
      throw new Error(`${where} has wrong field name ${key}, expect one of ${parameters.join(', ')}`);
    }
  }
  const change: ImageChange = {
    name: data.get('name') ?? '',
    newName: data.get('newName') ?? '',
    newTag: data.get('newTag') ?? '',
    digest: data.get('digest') ?? '',
  };
  if (change.name === '') throw new Error('must specify `name`');
  if (change.newName === '' && change.newTag === '' && change.digest === '') {
    throw new Error('must specify one of `newName`, `newTag`, or `digest`');
  }
  const additional = isMap ? undefined : config?.get(['additionalImageFields']);
  return { change, additionalFields: readFieldSpecs(additional, 'additionalImageFields') };
}
