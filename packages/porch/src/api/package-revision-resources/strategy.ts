import { copyJson, fieldError, type Strategy } from '@porch/apiserver';
import type { PackageRevisionResources } from '../../resources/package-revision-resources.ts';
import { missingResourceVersion } from '../missing-resource-version.ts';
import { restoreMetadata } from '../restore-metadata.ts';
import { unkeptFields } from './unkept-fields.ts';

/** The rules of package revision resources: an update replaces the files and nothing else, and warns of what else it says. */
export const packageRevisionResourcesStrategy: Strategy<PackageRevisionResources> = {
  prepareForUpdate(context, object, old) {
    for (const text of unkeptFields(object, old)) context.warn(text);
    const resources = object.spec.resources ?? {};
    restoreMetadata(object, old);
    const { resources: _, ...identity } = old.spec;
    object.spec = { ...identity, resources };
    if (old.status === undefined) delete object.status;
    else object.status = copyJson(old.status);
  },
  changeableFields: { only: ['spec.resources'] },
  validateUpdate: (_context, object) => [
    ...missingResourceVersion(object),
    ...(object.spec.resources?.Kptfile === undefined
      ? [
          fieldError.required(
            'spec.resources[Kptfile]',
            'a package must contain a Kptfile at its root; an update replaces all files, so send those that stay as well',
          ),
        ]
      : []),
  ],
};
