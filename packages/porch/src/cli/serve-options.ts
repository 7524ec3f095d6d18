import { type Command, InvalidArgumentError, Option } from 'commander';
import { isHostPattern } from '../resources/host-rules.ts';
import { completeSettings, defaultSettings, pushDraftsModes, type Settings } from '../server/settings.ts';
import { addBackupOptions, type BackupFlags, backupSettings } from './backup-options.ts';
import { addClusterOptions, clusterSettingsOf } from './cluster-options.ts';
import { addDatabaseOptions, type DatabaseFlags, databaseSettings } from './database-options.ts';
import { addFunctionOptions, addRunnerOptions, type FunctionFlags, functionSettingsOf } from './function-options.ts';
import { listenArgument } from './listen-address.ts';
import { addLogOptions, type LogFlags } from './log-options.ts';
import { addOidcOptions, type OidcFlags, oidcSettings } from './oidc-options.ts';
import { delay, duration, frequency, httpUrl, truth, wholeNumber } from './option-values.ts';
import { PathOption } from './path-options.ts';

/** What commander makes of the flags and the environment. */
interface ServeFlags extends DatabaseFlags, BackupFlags, FunctionFlags, OidcFlags, LogFlags {
  readonly dataDir: string;
  readonly listen: Settings['listen'];
  readonly maxRequestBodySize: number;
  readonly pushDrafts: Settings['pushDrafts'];
  readonly repoSyncFrequency: number;
  readonly allowLocalRepositories: boolean;
  readonly allowedGitHosts?: readonly string[];
  readonly deniedGitHosts?: readonly string[];
  readonly maxConcurrentLists: number;
  readonly listTimeoutPerRepository: number;
  readonly tlsSan: readonly string[];
  readonly defaultImagePrefix: string;
  readonly schemaDir: string;
  readonly tokenAuthFile: string;
  readonly webhookSecretFile: string;
  readonly cleanupFrequency: number;
  readonly enforceReadinessGates: boolean;
  readonly auditLogPath: string;
  readonly auditPolicyFile: string;
  readonly auditLogMaxsize: number;
  readonly auditLogMaxage: number;
  readonly auditLogMaxbackup: number;
  readonly otlpEndpoint: string;
  readonly traceSamplingRatio: number;
  readonly profiling: boolean;
  readonly controllers: boolean;
  readonly leaseDuration: number;
  readonly shutdownDelayDuration: number;
}

/** Packages that have more than this are not read into memory, so that nobody needs a longer body. */
const largestBody = 256 * 1024 * 1024;

/** A server that has lost its database for a moment must be back within this time. */
const shortestLease = 5000;

function names(text: string, previous: readonly string[] | undefined): readonly string[] {
  const given = text.split(',').map((name) => name.trim());
  const wrong = given.find((name) => !/^(\*\.)?[A-Za-z0-9]([-.:A-Za-z0-9]*[A-Za-z0-9])?$|^[0-9a-fA-F:]+$/.test(name));
  if (wrong !== undefined) throw new InvalidArgumentError('Give host names or IP addresses.');
  return [...(previous ?? []), ...given];
}

/** Where traces go: the signal's own path is added to a URL that has none, as the OpenTelemetry specification says of its variable. */
function tracesUrl(text: string): string {
  const url = httpUrl(text, 'http://localhost:4318');
  if (url.username !== '' || url.password !== '') {
    throw new InvalidArgumentError('Leave user and password out; OTEL_EXPORTER_OTLP_HEADERS is for them.');
  }
  if (!url.pathname.endsWith('/v1/traces')) url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`;
  return url.href;
}

function ratio(text: string): number {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 0 && value <= 1)) throw new InvalidArgumentError('Give a number from 0 to 1.');
  return value;
}

function hosts(text: string, previous: readonly string[] | undefined): readonly string[] {
  const given = text.split(',').map((name) => name.trim());
  const wrong = given.find((pattern) => !isHostPattern(pattern));
  if (wrong !== undefined) throw new InvalidArgumentError('Give host names, *.domain, IP addresses or ranges of them.');
  return [...(previous ?? []), ...given];
}

/** Adds the flags of `porch serve`; each can also be given as an environment variable. */
export function addServeOptions(command: Command): Command {
  const { listen: address } = defaultSettings;
  command.addOption(
    new Option('--data-dir <dir>', 'directory for the database, keys, mirrors and the kubeconfig')
      .default(defaultSettings.dataDirectory)
      .env('PORCH_DATA_DIR'),
  );
  addBackupOptions(addDatabaseOptions(command))
    .addOption(
      new Option(
        '--controllers [true|false]',
        'synchronise repositories in this process; if not, run porch controllers',
      )
        .default(defaultSettings.controllers)
        .preset('true')
        .env('PORCH_CONTROLLERS')
        .argParser(truth),
    )
    .addOption(
      new Option(
        '--lease-duration <duration>',
        'time without a sign of life after which other servers on the database take over from one',
      )
        .default(defaultSettings.leaseDurationMs, '15s')
        .env('PORCH_LEASE_DURATION')
        .argParser(duration(shortestLease, '15s')),
    )
    .addOption(
      new Option('--listen <host:port>', 'address to listen on; port 0 takes any free one')
        .default(address, `${address.host}:${address.port}`)
        .env('PORCH_LISTEN')
        .argParser(listenArgument),
    )
    .addOption(
      new Option(
        '--max-request-body-size <bytes>',
        'most that a request may send: the files of a package are one request',
      )
        .default(defaultSettings.maxRequestBodyBytes)
        .env('PORCH_MAX_REQUEST_BODY_SIZE')
        .argParser(wholeNumber(1, largestBody)),
    )
    .addOption(
      new Option(
        '--shutdown-delay-duration <duration>',
        'time to go on serving, but not ready, before stopping: as long as a load balancer takes to notice',
      )
        .default(defaultSettings.shutdownDelayMs, '0s')
        .env('PORCH_SHUTDOWN_DELAY_DURATION')
        .argParser(delay),
    )
    .addOption(
      new Option('--push-drafts <mode>', 'when drafts reach Git: soon, before the answer, or not until published')
        .choices(pushDraftsModes)
        .default(defaultSettings.pushDrafts)
        .env('PORCH_PUSH_DRAFTS'),
    )
    .addOption(
      new Option('--repo-sync-frequency <duration>', 'time between two looks at a repository without a schedule')
        .default(defaultSettings.repoSyncFrequencyMs, '5m')
        .env('PORCH_REPO_SYNC_FREQUENCY')
        .argParser(frequency),
    )
    .addOption(
      new Option(
        '--allow-local-repositories [true|false]',
        'accept paths and file URLs of this machine as repositories',
      )
        .default(defaultSettings.allowLocalRepositories)
        .preset('true')
        .env('PORCH_ALLOW_LOCAL_REPOSITORIES')
        .argParser(truth),
    )
    .addOption(
      new Option('--allowed-git-hosts <hosts>', 'the only hosts of repositories: names, *.domain, addresses, ranges')
        .env('PORCH_ALLOWED_GIT_HOSTS')
        .argParser(hosts),
    )
    .addOption(
      new Option('--denied-git-hosts <hosts>', 'hosts that no repository may be on; link-local ones never may')
        .env('PORCH_DENIED_GIT_HOSTS')
        .argParser(hosts),
    )
    .addOption(
      new Option('--max-concurrent-lists <number>', 'repositories that are read at once; slow ones do not count')
        .default(defaultSettings.maxConcurrentLists)
        .env('PORCH_MAX_CONCURRENT_LISTS')
        .argParser(wholeNumber(1)),
    )
    .addOption(
      new Option('--list-timeout-per-repository <duration>', 'longest time that one read of a repository may take')
        .default(defaultSettings.listTimeoutPerRepositoryMs, '10m')
        .env('PORCH_LIST_TIMEOUT_PER_REPOSITORY')
        .argParser(frequency),
    )
    .addOption(
      new Option('--tls-san <names>', "further names and addresses for the server's certificate; may be repeated")
        .env('PORCH_TLS_SAN')
        .argParser(names),
    )
    .addOption(
      new Option('--default-image-prefix <prefix>', 'put before function images that name no registry')
        .default(defaultSettings.defaultImagePrefix)
        .env('PORCH_DEFAULT_IMAGE_PREFIX'),
    );
  addFunctionOptions(addRunnerOptions(command));
  command
    .addOption(
      new PathOption(
        '--schema-dir <dir>',
        'JSON schemas of Kubernetes, for functions that validate resources',
        'a directory',
      )
        .default(defaultSettings.schemaDirectory, 'none')
        .env('PORCH_SCHEMA_DIR'),
    )
    .addOption(
      new PathOption(
        '--token-auth-file <file>',
        'bearer tokens, lines of token,user,uid[,"groups"]; read again when it changes',
        'a file',
      )
        .default(defaultSettings.tokenAuthFile, 'none')
        .env('PORCH_TOKEN_AUTH_FILE'),
    );
  addOidcOptions(command)
    .addOption(
      new Option(
        '--enforce-readiness-gates [true|false]',
        'refuse to approve what does not meet its readiness gates, instead of warning',
      )
        .default(defaultSettings.enforceReadinessGates)
        .preset('true')
        .env('PORCH_ENFORCE_READINESS_GATES')
        .argParser(truth),
    )
    .addOption(
      new Option('--cleanup-frequency <duration>', 'time between two searches for records that nothing needs any more')
        .default(defaultSettings.cleanupFrequencyMs, '10m')
        .env('PORCH_CLEANUP_FREQUENCY')
        .argParser(frequency),
    )
    .addOption(
      new PathOption(
        '--webhook-secret-file <file>',
        'secrets of webhooks of Git hosts, one a line; read again when it changes',
        'a file',
      )
        .default(defaultSettings.webhookSecretFile, 'none')
        .env('PORCH_WEBHOOK_SECRET_FILE'),
    )
    .addOption(
      new PathOption(
        '--audit-log-path <file>',
        'record who did what, as lines of JSON; - for standard output',
        'a file to write or -',
      )
        .default(defaultSettings.audit.logPath, 'none')
        .env('PORCH_AUDIT_LOG_PATH'),
    )
    .addOption(
      new PathOption('--audit-policy-file <file>', 'what is recorded (audit.k8s.io/v1 Policy)', 'a file')
        .default(defaultSettings.audit.policyFile, 'metadata of all requests')
        .env('PORCH_AUDIT_POLICY_FILE'),
    )
    .addOption(
      new Option('--audit-log-maxsize <megabytes>', 'size at which a new file is begun')
        .default(defaultSettings.audit.maxSizeMegabytes)
        .env('PORCH_AUDIT_LOG_MAXSIZE')
        .argParser(wholeNumber(1)),
    )
    .addOption(
      new Option('--audit-log-maxage <days>', 'how long older audit logs are kept; 0 for ever')
        .default(defaultSettings.audit.maxAgeDays)
        .env('PORCH_AUDIT_LOG_MAXAGE')
        .argParser(wholeNumber(0)),
    )
    .addOption(
      new Option('--audit-log-maxbackup <number>', 'how many older audit logs are kept; 0 for all')
        .default(defaultSettings.audit.maxBackups)
        .env('PORCH_AUDIT_LOG_MAXBACKUP')
        .argParser(wholeNumber(0)),
    )
    .addOption(
      new Option('--otlp-endpoint <url>', 'collector that takes traces by OTLP over HTTP')
        .default(defaultSettings.tracing.endpoint, 'none')
        .env('OTEL_EXPORTER_OTLP_ENDPOINT')
        .argParser(tracesUrl),
    )
    .addOption(
      new Option('--trace-sampling-ratio <ratio>', 'part of the requests that is traced, from 0 to 1')
        .default(defaultSettings.tracing.samplingRatio)
        .env('OTEL_TRACES_SAMPLER_ARG')
        .argParser(ratio),
    )
    .addOption(
      new Option('--profiling [true|false]', 'serve profiles of the process at /debug/pprof')
        .default(defaultSettings.profiling)
        .preset('true')
        .env('PORCH_PROFILING')
        .argParser(truth),
    );
  return addClusterOptions(addLogOptions(command));
}

/** Flags that have no effect without the second one. */
const partners = [
  ['function-runner-ca-file', 'function-runner'],
  ['backup-frequency', 'backup-dir'],
  ['backup-keep', 'backup-dir'],
  ['audit-policy-file', 'audit-log-path'],
  ['audit-log-maxsize', 'audit-log-path'],
  ['audit-log-maxage', 'audit-log-path'],
  ['audit-log-maxbackup', 'audit-log-path'],
  ['trace-sampling-ratio', 'otlp-endpoint'],
  ['oidc-client-id', 'oidc-issuer-url'],
  ['oidc-ca-file', 'oidc-issuer-url'],
  ['oidc-username-claim', 'oidc-issuer-url'],
  ['oidc-username-prefix', 'oidc-issuer-url'],
  ['oidc-groups-claim', 'oidc-issuer-url'],
  ['oidc-groups-prefix', 'oidc-groups-claim'],
  ['oidc-required-claim', 'oidc-issuer-url'],
  ['oidc-signing-algs', 'oidc-issuer-url'],
] as const;

function checkPartners(command: Command): void {
  const sourceOf = (name: string) => command.getOptionValueSource(new Option(`--${name}`).attributeName());
  for (const [flag, partner] of partners) {
    const source = sourceOf(flag);
    // A variable that is not Porch's own may be there for other programs.
    const isMeant = source === 'cli' || (source === 'env' && variableOf(command, flag).startsWith('PORCH_'));
    const isLeftOut = (sourceOf(partner) ?? 'default') === 'default';
    if (isMeant && isLeftOut) command.error(`error: --${flag} has no effect without --${partner}`);
  }
}

function variableOf(command: Command, flag: string): string {
  return command.options.find(({ long }) => long === `--${flag}`)?.envVar ?? '';
}

/** The settings that a parsed command and the environment stand for. Ends the command for flags that do not go together. */
export function settingsOf(command: Command, env: NodeJS.ProcessEnv): Settings {
  checkPartners(command);
  const flags = command.opts<ServeFlags>();
  const cluster = clusterSettingsOf(command, env);
  return completeSettings({
    ...databaseSettings(flags, env),
    backup: backupSettings(flags),
    controllers: flags.controllers,
    leaseDurationMs: flags.leaseDuration,
    shutdownDelayMs: flags.shutdownDelayDuration,
    dataDirectory: flags.dataDir,
    listen: flags.listen,
    maxRequestBodyBytes: flags.maxRequestBodySize,
    pushDrafts: flags.pushDrafts,
    repoSyncFrequencyMs: flags.repoSyncFrequency,
    allowLocalRepositories: flags.allowLocalRepositories,
    gitHosts: { allowed: flags.allowedGitHosts ?? [], denied: flags.deniedGitHosts ?? [] },
    maxConcurrentLists: flags.maxConcurrentLists,
    listTimeoutPerRepositoryMs: flags.listTimeoutPerRepository,
    tlsSans: flags.tlsSan ?? [],
    defaultImagePrefix: flags.defaultImagePrefix,
    schemaDirectory: flags.schemaDir,
    functions: functionSettingsOf(flags),
    tokenAuthFile: flags.tokenAuthFile,
    oidc: oidcSettings(command, flags, env),
    webhookSecretFile: flags.webhookSecretFile,
    cleanupFrequencyMs: flags.cleanupFrequency,
    enforceReadinessGates: flags.enforceReadinessGates,
    audit: {
      logPath: flags.auditLogPath,
      policyFile: flags.auditPolicyFile,
      maxSizeMegabytes: flags.auditLogMaxsize,
      maxAgeDays: flags.auditLogMaxage,
      maxBackups: flags.auditLogMaxbackup,
    },
    tracing: { endpoint: flags.otlpEndpoint, samplingRatio: flags.traceSamplingRatio },
    profiling: flags.profiling,
    logLevel: flags.logLevel,
    logFormat: flags.logFormat,
    cluster,
  });
}
