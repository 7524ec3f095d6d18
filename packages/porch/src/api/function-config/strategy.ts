import { fieldErrorMessage, type Strategy } from '@porch/apiserver';
import type { FunctionConfig } from '../../resources/function-config.ts';
import { missingResourceVersion } from '../missing-resource-version.ts';
import { restoreMetadata } from '../restore-metadata.ts';
import { specErrors } from './spec-rules.ts';

/** The rules of FunctionConfigs. */
export const functionConfigStrategy: Strategy<FunctionConfig> = {
  prepareForCreate(_context, object) {
    delete object.status;
  },
  validate: (_context, object) => specErrors(object.spec),
  prepareForUpdate(_context, object, old) {
    if (old.status === undefined) delete object.status;
    else object.status = structuredClone(old.status);
  },
  validateUpdate(_context, object, old) {
    // A server that has become stricter must not keep an old object from being changed.
    const known = new Set(specErrors(old.spec).map(fieldErrorMessage));
    return [
      ...missingResourceVersion(object),
      ...specErrors(object.spec).filter((error) => !known.has(fieldErrorMessage(error))),
    ];
  },
};

/** The rules of the status of FunctionConfigs: nothing else changes. */
export const functionConfigStatusStrategy: Strategy<FunctionConfig> = {
  prepareForStatusUpdate(_context, object, old) {
    restoreMetadata(object, old);
    object.spec = structuredClone(old.spec);
  },
  validateStatusUpdate: (_context, object) => missingResourceVersion(object),
};
