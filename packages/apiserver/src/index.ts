/** Kubernetes API machinery: define resources, get an API server. */

// The server: what it serves, where, and within which limits.

export {
  createDiscovery,
  type Discovery,
  type DiscoveryOptions,
  type DiscoveryRequest,
} from './discovery/discovery.ts';
export type { StaticAnswer } from './discovery/static-answer.ts';
export { type BuildInfo, productGitVersion } from './discovery/version.ts';
export type { AuditOptions } from './http/audit-filters.ts';
export type { HealthCheck } from './http/health.ts';
export type { OpenAnswer, OpenEndpoint, OpenRequest } from './http/open-endpoint.ts';
export { type ApiServer, createApiServer } from './http/server.ts';
export type { ApiServerOptions, ServerLimits, ServingTls, ShutdownSettings } from './http/server-options.ts';
export type { WatchSettings } from './watch/watch-hub.ts';

// Resources: definitions of kinds, and the storages behind them.

export { ageColumn, column, nameColumn, wideColumn } from './core/columns.ts';
export { extractionOf, type ResourceKind, storedResource, withStorage } from './core/resource-kind.ts';
export type { ChangeableFields } from './fieldmanagement/tracked-fields.ts';
export type { CachedList } from './registry/cached-list.ts';
export { type CachedReads, createCachedReads, type ResourceIdentity } from './registry/cached-reads.ts';
export { awaitingFinalizers, type Deletion } from './registry/deletion.ts';
export { untilCurrent } from './registry/fresh-revision.ts';
export {
  type ActionDefinition,
  type AnyResourceDefinition,
  type Assembly,
  ageCell,
  type DeleteOptions,
  type DeleteResult,
  type ListOptions,
  type ObjectList,
  type RequestContext,
  type ResourceDefinition,
  type ResourceStorage,
  type SelectableFields,
  SinceCell,
  type Strategy,
  type SubresourceDefinition,
  type TableColumn,
  type TableConvertor,
  type UpdateFunction,
  type WatchOptions,
  type WatchSink,
  type WriteOptions,
  type WriteResult,
} from './registry/resource.ts';
export { serverContext } from './registry/server-context.ts';
export { generateName } from './registry/server-metadata.ts';
export { createStoreStorage, type StoredResource, type StoreStorageOptions } from './registry/store-storage.ts';
export { type Decoded, type DecodedKind, decodeValue } from './schema/decode.ts';
export { dropEmpty } from './schema/drop-empty.ts';
export { fields } from './schema/fields.ts';

// Objects: metadata, names, selectors, and the errors that clients get.

export { copyJson } from './meta/copy-json.ts';
export { type FieldError, type FieldErrorType, fieldError, fieldErrorMessage } from './meta/field-error.ts';
export { parseFieldSelector } from './meta/field-selector.ts';
export { labelSelector, parseLabelSelector } from './meta/label-selector.ts';
export { dns1123LabelErrors, dns1123SubdomainErrors, labelValueErrors, qualifiedNameErrors } from './meta/names.ts';
export {
  groupResource,
  type KubernetesObject,
  type ManagedFieldsEntry,
  type ObjectMeta,
  type OwnerReference,
  type Time,
  toTime,
} from './meta/object.ts';
export type { FieldRequirement, FieldSelector, LabelRequirement, LabelSelector } from './meta/selector.ts';
export {
  type GroupKind,
  type GroupResource,
  isStatusError,
  type Status,
  type StatusCause,
  type StatusDetails,
  StatusError,
  type StatusReason,
  statusErrors,
} from './meta/status.ts';

// Kubernetes' own kinds, and what looks after their objects.

export { type ConfigMap, configMapKind } from './core/config-map.ts';
export { customResourceDefinitionKind } from './core/custom-resource-definition.ts';
export { base64Size, dataKeyErrors, maxDataBytes } from './core/data-rules.ts';
export type { Event } from './core/event.ts';
export { EventExpiry, type EventExpiryOptions } from './core/event-expiry.ts';
export { eventKind } from './core/event-kind.ts';
export { EventRecorder, type EventRecorderOptions, type EventText } from './core/event-recorder.ts';
export type { EventV1 } from './core/event-v1.ts';
export { eventV1Definition, eventV1Kind } from './core/event-v1-kind.ts';
export { type Lease, leaseKind } from './core/lease.ts';
export type { ObjectReference } from './core/object-reference.ts';
export { type ServiceAccount, serviceAccountKind } from './core/service-account.ts';
export { GarbageCollector, type GarbageCollectorOptions } from './garbage/garbage-collector.ts';

// The store, and the watch cache over it.

export { isBeingDeleted } from './storage/being-deleted.ts';
export { isConnectionFailure } from './storage/connection-failure.ts';
export { createWatchCache, type WatchCacheOptions } from './storage/create-watch-cache.ts';
export { encodeObject } from './storage/encode.ts';
export type { ExtractionRules } from './storage/extraction.ts';
export { StoreNotEmptyError } from './storage/not-empty.ts';
export { measureObjects, observeStore } from './storage/observed-store.ts';
export { checkPostgresUrl } from './storage/postgres/client-config.ts';
export { openPostgresStore } from './storage/postgres/open.ts';
export type { PostgresConnection, PostgresStoreOptions } from './storage/postgres/options.ts';
export { type AssembledObject, serveObject, serveStored, withRevision } from './storage/served.ts';
export type { ServedEvent, ServedObject } from './storage/served-object.ts';
export { sharedViews } from './storage/shared-views.ts';
export { openSqliteStore } from './storage/sqlite/open.ts';
export type { SqliteStoreOptions } from './storage/sqlite/options.ts';
export {
  MissingKeyError,
  type RestoredStore,
  type RestoreOptions,
  restoreSqliteStore,
} from './storage/sqlite/restore.ts';
export {
  type Change,
  type CommitResult,
  CompactedError,
  type CompactedStore,
  type ContentBlob,
  decodedObject,
  type LogPage,
  type ObjectKey,
  type Precondition,
  PreconditionFailedError,
  type Snapshot,
  type Store,
  type StoredObject,
  StoreUnavailableError,
  type WriteOperation,
  type WriteSet,
} from './storage/store.ts';
export type { EncryptionOptions, RetentionOptions } from './storage/store-options.ts';
export type { EventListener, ListPage, ListQuery, WatchCache } from './storage/watch-cache-api.ts';

// Who somebody is.

export {
  type AuthenticationRequest,
  type Authenticator,
  createCertificateAuthenticator,
} from './auth/authenticators.ts';
export { type Authority, createAuthority, type KeyPair, openAuthority } from './auth/certificates.ts';
export { createAuthenticatorUnion } from './auth/delegated/authenticator-union.ts';
export { fetchHttpsJson } from './auth/oidc/https-json.ts';
export { IssuerKeys } from './auth/oidc/issuer-keys.ts';
export { createOidcTokens } from './auth/oidc/oidc-tokens.ts';
export type { ClaimMapping } from './auth/oidc/user-of-claims.ts';
export { AccountTokens, type AccountTokensOptions } from './auth/service-accounts/account-tokens.ts';
export { tokenAction } from './auth/service-accounts/token-request.ts';
export { createBearerAuthenticator } from './auth/tokens/bearer-authenticator.ts';
export { createFileTokens } from './auth/tokens/file-tokens.ts';
export { tokenDigest } from './auth/tokens/token-digest.ts';
export { parseTokenFile } from './auth/tokens/token-file.ts';
export type { TokenSource } from './auth/tokens/token-source.ts';
export { openWatchedFile, type WatchedFile } from './auth/tokens/watched-file.ts';
export { type ShownUser, systemAuthenticated, systemMasters, type UserInfo } from './auth/user.ts';

// What somebody may do.

export { askingForCredentials } from './auth/anonymous.ts';
export {
  type Attributes,
  type Authorizer,
  createAuthorizerUnion,
  createMastersAuthorizer,
  type Decision,
  type RuleResolver,
} from './auth/authorizer.ts';
export { type AggregationOptions, ClusterRoleAggregation } from './auth/rbac/aggregation.ts';
export { type BootstrapOptions, type BootstrapRole, ensureBootstrapRoles, systemRoles } from './auth/rbac/bootstrap.ts';
export { createGrantGuard, type GrantGuard } from './auth/rbac/grant-guard.ts';
export { clusterRoleBindingKind, clusterRoleKind, roleBindingKind, roleKind } from './auth/rbac/kinds.ts';
export { createRbacAuthorizer } from './auth/rbac/rbac-authorizer.ts';
export { type BoundRole, RbacIndex } from './auth/rbac/rbac-index.ts';
export {
  type Binding,
  type ClusterRole,
  type LabelSelectorFields,
  type PolicyRule,
  type Role,
  type RoleRef,
  rbacGroup,
  rbacResources,
  type Subject,
} from './auth/rbac/types.ts';
export { reviewDefinitions } from './auth/reviews/review-definitions.ts';

// Behind a kube-apiserver, which vouches for identities and permissions.

export { CertificateAuthorities } from './auth/delegated/certificate-authorities.ts';
export { createClientAuthorityAuthenticator } from './auth/delegated/client-authority-authenticator.ts';
export {
  type DelegatedTrust,
  parseDelegatedTrust,
  type RequestHeaderTrust,
  trustedCertificates,
} from './auth/delegated/delegated-trust.ts';
export { createFrontProxyAuthenticator } from './auth/delegated/front-proxy-authenticator.ts';
export { createReviewedTokens, type TokenReviewer } from './auth/delegated/reviewed-tokens.ts';
export { type AccessReviewer, createReviewingAuthorizer } from './auth/delegated/reviewing-authorizer.ts';

// What is recorded of requests: audit, metrics, traces.

export type { AuditEvent, AuditSink } from './auth/audit/audit-event.ts';
export { AuditLog, type AuditLogOptions } from './auth/audit/audit-log.ts';
export { type AuditPolicy, type AuditRule, defaultAuditPolicy } from './auth/audit/policy.ts';
export { parseAuditPolicy } from './auth/audit/read-policy.ts';
export { exponentialBuckets, longSeconds } from './metrics/buckets.ts';
export {
  type Counter,
  type Exposition,
  type Gauge,
  type Histogram,
  type HistogramDefinition,
  type Labels,
  type MetricDefinition,
  type Metrics,
  type MetricsRegistry,
  noMetrics,
  type Reading,
} from './metrics/metrics.ts';
export type { Observers } from './metrics/observers.ts';
export { createPrometheusMetrics } from './metrics/prometheus-metrics.ts';
export { type Outcomes, timed } from './metrics/timed.ts';
export { noTracing, type Span, type SpanAttributes, type Tracing, traceIdOf } from './tracing/tracing.ts';

// Work that takes long, and other small things that servers share with their parts.

export { othersFirst } from './meta/others-first.ts';
export { withoutLastSlashes, withoutOuterSlashes } from './meta/slashes.ts';
export { Turns, turns } from './meta/turns.ts';
export { until } from './meta/until.ts';
export { makeDirectory } from './storage/make-directory.ts';
export { Queue } from './storage/queue.ts';
