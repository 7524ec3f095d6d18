import { baseName } from '../package/package-paths.ts';
import type { KrmObject } from '../yaml/krm-object.ts';

/** What makes an object no Kubernetes resource; undefined where it is one, or is exempt. */
export function krmProblem(object: KrmObject): string | undefined {
  const { apiVersion, kind } = object;
  if (apiVersion !== '' && kind !== '' && object.name !== '') return undefined;
  if (isKustomization(object)) return undefined;
  const field = apiVersion === '' ? 'apiVersion' : kind === '' ? 'kind' : 'metadata.name';
  return `resource must have \`${field}\``;
}

/** Says which object of a list is no Kubernetes resource; undefined where all are. */
export function listProblem(list: 'input' | 'output', objects: readonly KrmObject[]): string | undefined {
  for (const object of objects) {
    const problem = krmProblem(object);
    if (problem !== undefined) {
      const where = object.path === undefined ? '' : `${object.path}: `;
      return `${list} resource list must contain only KRM resources: ${where}${problem}`;
    }
  }
  return undefined;
}

/** Whether an object is for kustomize, and need not be a resource. */
export function isKustomization({ path = '', apiVersion, kind }: KrmObject): boolean {
  return (
    ['kustomization.yaml', 'kustomization.yml', 'Kustomization'].includes(baseName(path)) ||
    apiVersion.startsWith('kustomize.config.k8s.io') ||
    (kind === 'Kustomization' && apiVersion === '')
  );
}
