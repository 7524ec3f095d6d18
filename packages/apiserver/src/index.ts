/** Kubernetes API machinery: define resources, get an API server. */
export * from './auth/authenticators.ts';
export * from './auth/authorizer.ts';
export * from './auth/certificates.ts';
export { type AggregationOptions, ClusterRoleAggregation } from './auth/rbac/aggregation.ts';
export * from './auth/rbac/bootstrap.ts';
export { createGrantGuard, type GrantGuard } from './auth/rbac/grant-guard.ts';
export * from './auth/rbac/kinds.ts';
export { createRbacAuthorizer } from './auth/rbac/rbac-authorizer.ts';
export { type BoundRole, RbacIndex } from './auth/rbac/rbac-index.ts';
export * from './auth/rbac/types.ts';
export * from './auth/user.ts';
export * from './core/columns.ts';
export { type ConfigMap, configMapKind } from './core/config-map.ts';
export * from './core/data-rules.ts';
export { type Event } from './core/event.ts';
export { EventExpiry, type EventExpiryOptions } from './core/event-expiry.ts';
export { eventKind } from './core/event-kind.ts';
export { type Lease, leaseKind } from './core/lease.ts';
export * from './core/object-reference.ts';
export * from './core/resource-kind.ts';
export { type ServiceAccount, serviceAccountKind } from './core/service-account.ts';
export * from './discovery/discovery.ts';
export type { StaticAnswer } from './discovery/static-answer.ts';
export { type BuildInfo, productGitVersion } from './discovery/version.ts';
export type { HealthCheck } from './http/health.ts';
export { type ApiServer, createApiServer } from './http/server.ts';
export {
  type ApiServerOptions,
  defaultServerLimits,
  type ServerLimits,
  type ShutdownSettings,
} from './http/server-options.ts';
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
export { type CachedList } from './registry/cached-list.ts';
export { type CachedReads, createCachedReads, type ResourceIdentity } from './registry/cached-reads.ts';
export { waitForRevision } from './registry/fresh-revision.ts';
export * from './registry/resource.ts';
export { SelectedEvents } from './registry/selected-events.ts';
export { createStoreStorage, type StoredResource, type StoreStorageOptions } from './registry/store-storage.ts';
export { componentKey } from './schema/component-name.ts';
export * from './schema/decode.ts';
export { fields } from './schema/fields.ts';
export * from './schema/metadata-schema.ts';
export { patchMediaTypes } from './schema/openapi-operations.ts';
export { openApiV2 } from './schema/openapi-v2.ts';
export { type OpenApiInfo, openApiV3 } from './schema/openapi-v3.ts';
export * from './schema/status-schema.ts';
export { createWatchCache, type WatchCacheOptions } from './storage/create-watch-cache.ts';
export { encodeObject, encodeValue } from './storage/encode.ts';
export type { ExtractionRules } from './storage/extraction.ts';
export { matcher } from './storage/object-filter.ts';
export { type AssembledObject, serveObject, serveStored, withRevision } from './storage/served.ts';
export * from './storage/served-object.ts';
export { openSqliteStore } from './storage/sqlite/open.ts';
export type { EncryptionOptions, RetentionOptions, SqliteStoreOptions } from './storage/sqlite/options.ts';
export * from './storage/store.ts';
export * from './storage/watch-cache-api.ts';
export { defaultWatchSettings, type WatchSettings } from './watch/watch-hub.ts';
