/** Kubernetes API machinery: define resources, get an API server. */

export * from './auth/anonymous.ts';
export type { AuditEvent, AuditSink } from './auth/audit/audit-event.ts';
export { AuditLog, type AuditLogOptions } from './auth/audit/audit-log.ts';
export { type AuditPolicy, type AuditRule, defaultAuditPolicy } from './auth/audit/policy.ts';
export { parseAuditPolicy } from './auth/audit/read-policy.ts';
export * from './auth/authenticators.ts';
export * from './auth/authorizer.ts';
export * from './auth/certificates.ts';
export { createAuthenticatorUnion } from './auth/delegated/authenticator-union.ts';
export { CertificateAuthorities } from './auth/delegated/certificate-authorities.ts';
export { createClientAuthorityAuthenticator } from './auth/delegated/client-authority-authenticator.ts';
export * from './auth/delegated/delegated-trust.ts';
export { createFrontProxyAuthenticator } from './auth/delegated/front-proxy-authenticator.ts';
export { createReviewedTokens, type TokenReviewer } from './auth/delegated/reviewed-tokens.ts';
export { type AccessReviewer, createReviewingAuthorizer } from './auth/delegated/reviewing-authorizer.ts';
export { fetchHttpsJson } from './auth/oidc/https-json.ts';
export { IssuerKeys } from './auth/oidc/issuer-keys.ts';
export { createOidcTokens } from './auth/oidc/oidc-tokens.ts';
export type { ClaimMapping } from './auth/oidc/user-of-claims.ts';
export { type AggregationOptions, ClusterRoleAggregation } from './auth/rbac/aggregation.ts';
export * from './auth/rbac/bootstrap.ts';
export { createGrantGuard, type GrantGuard } from './auth/rbac/grant-guard.ts';
export * from './auth/rbac/kinds.ts';
export { createRbacAuthorizer } from './auth/rbac/rbac-authorizer.ts';
export { type BoundRole, RbacIndex } from './auth/rbac/rbac-index.ts';
export * from './auth/rbac/types.ts';
export { reviewDefinitions } from './auth/reviews/review-definitions.ts';
export { AccountTokens, type AccountTokensOptions } from './auth/service-accounts/account-tokens.ts';
export { tokenAction } from './auth/service-accounts/token-request.ts';
export { createBearerAuthenticator } from './auth/tokens/bearer-authenticator.ts';
export { createFileTokens } from './auth/tokens/file-tokens.ts';
export { tokenDigest } from './auth/tokens/token-digest.ts';
export { parseTokenFile } from './auth/tokens/token-file.ts';
export type { TokenSource } from './auth/tokens/token-source.ts';
export { openWatchedFile, type WatchedFile } from './auth/tokens/watched-file.ts';
export * from './auth/user.ts';
export * from './core/columns.ts';
export { type ConfigMap, configMapKind } from './core/config-map.ts';
export { customResourceDefinitionKind } from './core/custom-resource-definition.ts';
export * from './core/data-rules.ts';
export type { Event } from './core/event.ts';
export { EventExpiry, type EventExpiryOptions } from './core/event-expiry.ts';
export { eventKind } from './core/event-kind.ts';
export { EventRecorder, type EventRecorderOptions, type EventText } from './core/event-recorder.ts';
export { type EventV1, eventConversion } from './core/event-v1.ts';
export { eventV1Definition, eventV1Kind } from './core/event-v1-kind.ts';
export { type Lease, leaseKind } from './core/lease.ts';
export * from './core/object-reference.ts';
export * from './core/resource-kind.ts';
export { type ServiceAccount, serviceAccountKind } from './core/service-account.ts';
export * from './discovery/discovery.ts';
export type { StaticAnswer } from './discovery/static-answer.ts';
export { type BuildInfo, productGitVersion } from './discovery/version.ts';
export type { ChangeableFields } from './fieldmanagement/tracked-fields.ts';
export { GarbageCollector, type GarbageCollectorOptions } from './garbage/garbage-collector.ts';
export type { AuditOptions } from './http/audit-filters.ts';
export type { HealthCheck } from './http/health.ts';
export type { OpenAnswer, OpenEndpoint, OpenRequest } from './http/open-endpoint.ts';

export { type ApiServer, createApiServer } from './http/server.ts';
export {
  type ApiServerOptions,
  defaultServerLimits,
  type ServerLimits,
  type ServingTls,
  type ShutdownSettings,
} from './http/server-options.ts';
export { copyJson } from './meta/copy-json.ts';
export * from './meta/field-error.ts';
export * from './meta/field-selector.ts';
export * from './meta/label-selector.ts';
export * from './meta/names.ts';
export * from './meta/object.ts';
export { othersFirst } from './meta/others-first.ts';
export * from './meta/selector.ts';
export { withoutLastSlashes, withoutOuterSlashes } from './meta/slashes.ts';
export * from './meta/status.ts';
export { turns } from './meta/turns.ts';
export { until } from './meta/until.ts';
export * from './meta/validate-managed-fields.ts';
export * from './meta/validate-metadata.ts';
export * from './meta/validate-metadata-maps.ts';
export * from './metrics/buckets.ts';
export * from './metrics/metrics.ts';
export type { Observers } from './metrics/observers.ts';
export { createPrometheusMetrics } from './metrics/prometheus-metrics.ts';
export { type Outcomes, timed } from './metrics/timed.ts';
export type { CachedList } from './registry/cached-list.ts';
export { type CachedReads, createCachedReads, type ResourceIdentity } from './registry/cached-reads.ts';
export { type Conversion, type ConvertedStorageOptions, convertedStorage } from './registry/converted-storage.ts';
export { awaitingFinalizers, type Deletion, foregroundFinalizer, orphanFinalizer } from './registry/deletion.ts';
export { untilCurrent, waitForRevision } from './registry/fresh-revision.ts';
export * from './registry/resource.ts';
export { SelectedEvents } from './registry/selected-events.ts';
export { serverContext } from './registry/server-context.ts';
export { generateName } from './registry/server-metadata.ts';
export { createStoreStorage, type StoredResource, type StoreStorageOptions } from './registry/store-storage.ts';
export { componentKey } from './schema/component-name.ts';
export * from './schema/decode.ts';
export { dropEmpty } from './schema/drop-empty.ts';
export { fields } from './schema/fields.ts';
export * from './schema/metadata-schema.ts';
export { patchMediaTypes } from './schema/openapi-operations.ts';
export { openApiV2 } from './schema/openapi-v2.ts';
export { type OpenApiInfo, openApiV3 } from './schema/openapi-v3.ts';
export * from './schema/status-schema.ts';
export { isBeingDeleted } from './storage/being-deleted.ts';
export { isConnectionFailure } from './storage/connection-failure.ts';
export { createWatchCache, type WatchCacheOptions } from './storage/create-watch-cache.ts';
export { encodeObject, encodeValue } from './storage/encode.ts';
export type { ExtractionRules } from './storage/extraction.ts';
export { makeDirectory } from './storage/make-directory.ts';
export { StoreNotEmptyError } from './storage/not-empty.ts';
export { matcher } from './storage/object-filter.ts';
export { measureObjects, observeStore } from './storage/observed-store.ts';
export { checkPostgresUrl } from './storage/postgres/client-config.ts';
export { openPostgresStore } from './storage/postgres/open.ts';
export type { PostgresConnection, PostgresStoreOptions } from './storage/postgres/options.ts';
export { Queue } from './storage/queue.ts';
export { type AssembledObject, serveObject, serveStored, withRevision } from './storage/served.ts';
export * from './storage/served-object.ts';
export { sharedViews } from './storage/shared-views.ts';
export { openSqliteStore } from './storage/sqlite/open.ts';
export type { SqliteStoreOptions } from './storage/sqlite/options.ts';
export {
  MissingKeyError,
  type RestoredStore,
  type RestoreOptions,
  restoreSqliteStore,
} from './storage/sqlite/restore.ts';
export * from './storage/store.ts';
export type { EncryptionOptions, RetentionOptions } from './storage/store-options.ts';
export * from './storage/watch-cache-api.ts';
export { noTracing, type Span, type SpanAttributes, type Tracing, traceIdOf } from './tracing/tracing.ts';
export { defaultWatchSettings, type WatchSettings } from './watch/watch-hub.ts';
