/**
 * A schema with this keyword becomes a component of OpenAPI documents, under the name given, and is referred to where it is
 * used; other schemas are written out where they stand.
 */
export const componentKey = 'x-openapi-component';

/** Name of a component of the types that all API groups share. */
export function metaComponent(kind: string): string {
  return `io.k8s.apimachinery.pkg.apis.meta.v1.${kind}`;
}

/** Name of a kind's component: `dev.kpt.porch.v1alpha1.PackageRevision`, `io.k8s.api.core.v1.Secret`. */
export function componentName(group: string, version: string, kind: string): string {
  const prefix = group === '' ? 'io.k8s.api.core' : group.split('.').reverse().join('.');
  return `${prefix}.${version}.${kind}`;
}
