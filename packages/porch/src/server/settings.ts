import { resolve } from 'node:path';
import type { ClaimMapping } from '@porch/apiserver';
import type { HostRules } from '../resources/host-rules.ts';
import { completeFunctionSettings, defaultFunctionSettings, type FunctionSettings } from './function-settings.ts';

export const pushDraftsModes = ['async', 'sync', 'off'] as const;
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export const logFormats = ['text', 'json'] as const;

/** Everything that can be chosen about a server. Complete and frozen; made by `completeSettings`. */
export interface Settings {
  /** Absolute path of the directory that holds the database, keys, mirrors and the kubeconfig. */
  readonly dataDirectory: string;
  /** Address to listen on. Port 0 takes any free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Bytes that the body of a request may have: all files of a package, where they are written at once. */
  readonly maxRequestBodyBytes: number;
  /**
   * When drafts reach Git: soon after each write (`async`), before a write is answered (`sync`), or only when they are
   * published (`off`).
   */
  readonly pushDrafts: (typeof pushDraftsModes)[number];
  /** Milliseconds between two looks at a repository that has no schedule of its own. */
  readonly repoSyncFrequencyMs: number;
  /** Repositories that are read from their remotes at once; those that take long do not count. */
  readonly maxConcurrentLists: number;
  /** Milliseconds that one read of a repository may take: its references, what is new, or the content of a package. */
  readonly listTimeoutPerRepositoryMs: number;
  readonly logLevel: (typeof logLevels)[number];
  readonly logFormat: (typeof logFormats)[number];
  /** Whether paths and file URLs of this machine may be registered as repositories. */
  readonly allowLocalRepositories: boolean;
  /** Hosts that Git repositories may be on. */
  readonly gitHosts: HostRules;
  /** Further host names and addresses that the server's certificate is good for. */
  readonly tlsSans: readonly string[];
  /** Put before function images that name no registry, without a slash at its end; empty for none. */
  readonly defaultImagePrefix: string;
  /** Absolute path of a directory with JSON schemas of Kubernetes, for functions that validate resources; empty for none. */
  readonly schemaDirectory: string;
  /** How functions are run. */
  readonly functions: FunctionSettings;
  /** Absolute path of a file with bearer tokens, as kube-apiserver has it; empty for none. */
  readonly tokenAuthFile: string;
  /** Whose ID tokens are taken; undefined for nobody's. */
  readonly oidc: OidcSettings | undefined;
  /** Absolute path of the file with the secrets of webhooks; empty where none are taken. */
  readonly webhookSecretFile: string;
  /** Whether proposals with unmet readiness gates cannot be approved. */
  readonly enforceReadinessGates: boolean;
  /** Milliseconds between two rounds of the cleanup. */
  readonly cleanupFrequencyMs: number;
  /** Where traces of requests go. */
  readonly tracing: TracingSettings;
  /** Whether profiles of the process are served, to those who may get them. */
  readonly profiling: boolean;
  /** What is recorded of who did what. */
  readonly audit: AuditSettings;
  /** The cluster that the server stands behind; undefined for a standalone server. */
  readonly cluster: ClusterSettings | undefined;
  readonly backup: BackupSettings;
  /** Where the state is kept. */
  readonly database: DatabaseSettings;
  /** Absolute path of the key that Secrets are encrypted with; empty for one of the data directory's own. */
  readonly encryptionKeyFile: string;
  /** Whether repositories are synchronised, and whatever else goes on by itself is done, in this process too. */
  readonly controllers: boolean;
  /** After how many milliseconds without a sign of life others take over what a server on a shared database looks after. */
  readonly leaseDurationMs: number;
  /** For how many milliseconds a server that is told to stop goes on serving, no longer ready, until load balancers know. */
  readonly shutdownDelayMs: number;
}

/** An issuer of OpenID Connect whose users may come in. */
export interface OidcSettings {
  /** URL of HTTPS; tokens name it. */
  readonly issuerUrl: string;
  /** Whom tokens have to be for. */
  readonly clientId: string;
  /** Absolute path of the certificates (PEM) that the issuer's is checked against; empty for those of Node.js. */
  readonly caFile: string;
  /** What of the environment names the proxies that the issuer is reached through. */
  readonly proxies: Readonly<Record<string, string>>;
  /** Algorithms of signatures, by their names in RFC 7518. */
  readonly signingAlgorithms: readonly string[];
  readonly claims: ClaimMapping;
}

/** A database that several servers share. Where both are empty, the store is in the data directory. */
export interface DatabaseSettings {
  /** `postgres://…`, as the environment has it. Holds a password: never shown. */
  readonly url: string;
  /** Absolute path of a file with such a URL. */
  readonly urlFile: string;
  /** The flag that the file was given with, for messages. Default: `--database-url-file`. */
  readonly urlFlag?: string;
}

/** Traces of requests. */
export interface TracingSettings {
  /** URL of the collector that takes traces by OTLP over HTTP, path included; empty for none. */
  readonly endpoint: string;
  /** Which part of the requests that belong to no trace yet is traced, from 0 to 1. */
  readonly samplingRatio: number;
}

/** Backups of the data directory. */
export interface BackupSettings {
  /** Absolute path of the directory that they are put below; empty for none. */
  readonly directory: string;
  readonly frequencyMs: number;
  /** How many of them are kept. */
  readonly keep: number;
}

/** A cluster whose kube-apiserver passes requests on to the server. */
export interface ClusterSettings {
  /** Absolute path of the kubeconfig; empty for the service account of the pod. */
  readonly kubeconfig: string;
  /** Where a pod finds the cluster; undefined outside of one. */
  readonly service: { readonly host: string; readonly port: string } | undefined;
  /** Directory with the service account's files. */
  readonly serviceAccountDirectory: string;
  /** Namespace that the server runs in; empty for the pod's. */
  readonly namespace: string;
  /** Absolute paths of the server's certificate and key; empty for certificates of its own authority. */
  readonly tls: { readonly cert: string; readonly key: string };
}

/** The audit log. */
export interface AuditSettings {
  /** Absolute path of the file, `-` for standard output, empty for none. */
  readonly logPath: string;
  /** Absolute path of the policy; empty for the default one. */
  readonly policyFile: string;
  /** Size in megabytes at which a file is put aside. */
  readonly maxSizeMegabytes: number;
  /** How many days, and how many, of the files that were put aside are kept; 0 for all. */
  readonly maxAgeDays: number;
  readonly maxBackups: number;
}

/** What holds where nothing else is said; the data directory is relative to the working directory. */
export const defaultSettings: Settings = Object.freeze({
  dataDirectory: '.porch',
  listen: Object.freeze({ host: '127.0.0.1', port: 9443 }),
  maxRequestBodyBytes: 6 * 1024 * 1024,
  pushDrafts: 'async',
  repoSyncFrequencyMs: 5 * 60_000,
  maxConcurrentLists: 10,
  listTimeoutPerRepositoryMs: 10 * 60_000,
  logLevel: 'info',
  logFormat: 'text',
  allowLocalRepositories: false,
  gitHosts: Object.freeze({ allowed: Object.freeze([]), denied: Object.freeze([]) }),
  tlsSans: Object.freeze([]),
  defaultImagePrefix: 'ghcr.io/kptdev/krm-functions-catalog',
  schemaDirectory: '',
  functions: defaultFunctionSettings,
  tokenAuthFile: '',
  oidc: undefined,
  webhookSecretFile: '',
  cleanupFrequencyMs: 10 * 60_000,
  enforceReadinessGates: false,
  tracing: Object.freeze({ endpoint: '', samplingRatio: 1 }),
  profiling: false,
  audit: Object.freeze({ logPath: '', policyFile: '', maxSizeMegabytes: 100, maxAgeDays: 0, maxBackups: 0 }),
  cluster: undefined,
  backup: Object.freeze({ directory: '', frequencyMs: 24 * 3_600_000, keep: 7 }),
  database: Object.freeze({ url: '', urlFile: '' }),
  encryptionKeyFile: '',
  controllers: true,
  leaseDurationMs: 15_000,
  shutdownDelayMs: 0,
} satisfies Settings);

function absolute(path: string): string {
  return path === '' ? '' : resolve(path);
}

function completeCluster(cluster: ClusterSettings): ClusterSettings {
  return Object.freeze({
    ...cluster,
    kubeconfig: absolute(cluster.kubeconfig),
    tls: Object.freeze({ cert: absolute(cluster.tls.cert), key: absolute(cluster.tls.key) }),
  });
}

/** Fills in what is not given. Values have been checked by whoever read them. */
export function completeSettings(given: Partial<Settings>): Settings {
  const settings = { ...defaultSettings, ...given };
  return Object.freeze({
    ...settings,
    dataDirectory: resolve(settings.dataDirectory),
    listen: Object.freeze({ ...settings.listen }),
    tracing: Object.freeze({ ...settings.tracing }),
    gitHosts: Object.freeze({
      allowed: Object.freeze([...settings.gitHosts.allowed]),
      denied: Object.freeze([...settings.gitHosts.denied]),
    }),
    tlsSans: Object.freeze([...settings.tlsSans]),
    schemaDirectory: absolute(settings.schemaDirectory),
    tokenAuthFile: absolute(settings.tokenAuthFile),
    oidc: settings.oidc && Object.freeze({ ...settings.oidc, caFile: absolute(settings.oidc.caFile) }),
    webhookSecretFile: absolute(settings.webhookSecretFile),
    audit: Object.freeze({
      ...settings.audit,
      logPath: settings.audit.logPath === '-' ? '-' : absolute(settings.audit.logPath),
      policyFile: absolute(settings.audit.policyFile),
    }),
    backup: Object.freeze({ ...settings.backup, directory: absolute(settings.backup.directory) }),
    database: Object.freeze({ url: settings.database.url, urlFile: absolute(settings.database.urlFile) }),
    encryptionKeyFile: absolute(settings.encryptionKeyFile),
    defaultImagePrefix: settings.defaultImagePrefix.replace(/\/+$/, ''),
    functions: completeFunctionSettings(settings.functions),
    cluster: settings.cluster && completeCluster(settings.cluster),
  });
}
