import { type KubernetesObject, type SelectableFields, statusErrors, withoutOuterSlashes } from '@porch/apiserver';
import type { PackageRevision } from '../../resources/package-revision.ts';
import { isLifecycle, lifecycles } from './lifecycle.ts';

const plain = ['spec.revision', 'spec.packageName', 'spec.repository', 'spec.workspaceName', 'spec.lifecycle'];
const kptfileLabel = /^spec\.packageMetadata\.labels\[[^\]]+\]$/;

function normalizeRevision(value: string): string {
  const number = /^v?(-?\d+)$/.exec(value)?.[1];
  if (number === undefined || !Number.isSafeInteger(Number(number))) {
    throw statusErrors.badRequest(
      `invalid field selector: spec.revision must be a number such as 3 or v3, not ${JSON.stringify(value)}`,
    );
  }
  return String(Number(number));
}

function normalizeLifecycle(value: string): string {
  if (isLifecycle(value)) return value;
  throw statusErrors.badRequest(
    `invalid field selector: spec.lifecycle must be one of ${lifecycles.join(', ')}, not ${JSON.stringify(value)}`,
  );
}

function normalize(field: string, value: string): string {
  if (field === 'spec.revision') return normalizeRevision(value);
  if (field === 'spec.lifecycle') return normalizeLifecycle(value);
  if (field === 'spec.packageName') return withoutOuterSlashes(value);
  return value;
}

/** The values that selectors see of a package revision. */
function packageRevisionFields(object: Pick<PackageRevision, 'spec'>): Record<string, string> {
  const { spec } = object;
  const fields: Record<string, string> = {
    'spec.revision': String(spec.revision ?? 0),
    'spec.packageName': spec.packageName ?? '',
    'spec.repository': spec.repository ?? '',
    'spec.workspaceName': spec.workspaceName ?? '',
    'spec.lifecycle': spec.lifecycle ?? 'Draft',
  };
  for (const [key, value] of Object.entries(spec.packageMetadata?.labels ?? {})) {
    fields[`spec.packageMetadata.labels[${key}]`] = value;
  }
  return fields;
}

/**
 * Field selectors of package revisions, and of their resources, which are found by the fields of the package revision they
 * belong to.
 */
export function revisionSelectors<T extends KubernetesObject>(
  of: (object: T) => Record<string, string>,
): SelectableFields<T> & { normalize(field: string, value: string): string } {
  return {
    of,
    known: (field) => plain.includes(field) || kptfileLabel.test(field),
    names: [...plain, 'spec.packageMetadata.labels[KEY]'],
    normalize,
    refusesOtherNamespaces: true,
  };
}

/** Field selectors of package revisions. */
export const packageRevisionSelectors = revisionSelectors<PackageRevision>(packageRevisionFields);
