/** Kubernetes API machinery: define resources, get an API server. */
export * from './auth/user.ts';
export * from './meta/field-error.ts';
export * from './meta/field-selector.ts';
export * from './meta/label-selector.ts';
export * from './meta/names.ts';
export * from './meta/object.ts';
export * from './meta/selector.ts';
export * from './meta/status.ts';
export * from './meta/validate-managed-fields.ts';
export * from './meta/validate-metadata.ts';
export * from './meta/validate-metadata-maps.ts';
export * from './registry/resource.ts';
export * from './storage/served-object.ts';
export * from './storage/store.ts';
export * from './storage/watch-cache-api.ts';
