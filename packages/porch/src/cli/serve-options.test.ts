import { resolve } from 'node:path';
import { defaultRunLimits } from '@porch/kpt';
import { Command } from 'commander';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Settings } from '../server/settings.ts';
import { addServeOptions, settingsOf } from './serve-options.ts';

function parse(...args: string[]): Settings {
  const quiet = () => undefined;
  const command = addServeOptions(new Command('serve'))
    .exitOverride()
    .configureOutput({ writeErr: quiet, writeOut: quiet });
  command.parse(args, { from: 'user' });
  return settingsOf(command, process.env);
}

afterEach(() => vi.unstubAllEnvs());

test('without flags, the documented defaults hold', () => {
  expect(parse()).toEqual({
    dataDirectory: resolve('.porch'),
    listen: { host: '127.0.0.1', port: 9443 },
    maxRequestBodyBytes: 6_291_456,
    pushDrafts: 'async',
    repoSyncFrequencyMs: 300_000,
    gitHosts: { allowed: [], denied: [] },
    maxConcurrentLists: 10,
    listTimeoutPerRepositoryMs: 600_000,
    logLevel: 'info',
    logFormat: 'text',
    allowLocalRepositories: false,
    tlsSans: [],
    defaultImagePrefix: 'ghcr.io/kptdev/krm-functions-catalog',
    schemaDirectory: '',
    tokenAuthFile: '',
    oidc: undefined,
    webhookSecretFile: '',
    cleanupFrequencyMs: 600_000,
    enforceReadinessGates: false,
    tracing: { endpoint: '', samplingRatio: 1 },
    profiling: false,
    functions: {
      runner: '',
      runnerCaFile: '',
      executables: '',
      programDirectory: '',
      containerEngine: '',
      engineEnvironment: {},
      modules: '',
      disabled: [],
      limits: defaultRunLimits,
    },
    audit: { logPath: '', policyFile: '', maxSizeMegabytes: 100, maxAgeDays: 0, maxBackups: 0 },
    database: { url: '', urlFile: '' },
    encryptionKeyFile: '',
    backup: { directory: '', frequencyMs: 86_400_000, keep: 7 },
    controllers: true,
    leaseDurationMs: 15_000,
    cluster: undefined,
    shutdownDelayMs: 0,
  });
});

test('each flag sets its setting', () => {
  const engine = { PATH: '/engine/bin', HOME: '/engine', DOCKER_HOST: 'unix:///engine.sock', SECRET: 'no' };
  for (const [name, value] of Object.entries(engine)) vi.stubEnv(name, value);
  for (const name of ['XDG_RUNTIME_DIR', 'XDG_CONFIG_HOME', 'DOCKER_CONFIG']) vi.stubEnv(name, '');
  const settings = parse(
    ...['--data-dir', '/data/porch', '--listen', '[::1]:0', '--push-drafts=off', '--repo-sync-frequency', '1m30s'],
    ...['--log-level', 'debug', '--log-format=json', '--allow-local-repositories', '--tls-san', 'a.example, 10.0.0.1'],
    ...['--tls-san', '*.b.example', '--default-image-prefix', 'registry.example/fn/'],
    ...['--token-auth-file', '/etc/porch/tokens.csv', '--audit-log-path', '/var/log/audit.log'],
    ...['--audit-policy-file', '/etc/porch/policy.yaml', '--audit-log-maxsize=10', '--audit-log-maxage=7'],
    ...['--audit-log-maxbackup=3', '--webhook-secret-file', '/etc/porch/webhook-secrets', '--lease-duration=20s'],
    ...['--database-url-file', '/etc/porch/database-url', '--encryption-key-file', '/etc/porch/key'],
    ...[
      '--shutdown-delay-duration=5s',
      '--controllers=false',
      '--cleanup-frequency=1m',
      '--schema-dir',
      '/etc/porch/schemas',
    ],
    ...['--enforce-readiness-gates', '--backup-dir', '/backups', '--backup-frequency=1h', '--backup-keep=3'],
    ...['--function-runner', 'runner.example:9445', '--function-runner-ca-file', '/ca.pem'],
    ...['--function-executables', '/etc/porch/executables', '--functions', '/opt/functions'],
    ...['--function-containers', 'podman', '--function-modules', '/etc/porch/modules'],
    ...['--disable-runtimes', 'builtin, wasm', '--function-timeout=90s', '--function-memory=64'],
    ...['--function-max-output=2', '--max-concurrent-lists=3', '--list-timeout-per-repository=20s'],
    ...['--allowed-git-hosts', '*.a.example,10.0.0.0/8', '--allowed-git-hosts=b', '--denied-git-hosts', 'c.a.example'],
    ...['--otlp-endpoint', 'http://collector:4318', '--trace-sampling-ratio=.5', '--profiling'],
    '--max-request-body-size=20971520',
  );
  expect(settings).toEqual({
    dataDirectory: '/data/porch',
    gitHosts: { allowed: ['*.a.example', '10.0.0.0/8', 'b'], denied: ['c.a.example'] },
    maxConcurrentLists: 3,
    listTimeoutPerRepositoryMs: 20_000,
    listen: { host: '::1', port: 0 },
    maxRequestBodyBytes: 20_971_520,
    pushDrafts: 'off',
    repoSyncFrequencyMs: 90_000,
    logLevel: 'debug',
    logFormat: 'json',
    allowLocalRepositories: true,
    tlsSans: ['a.example', '10.0.0.1', '*.b.example'],
    defaultImagePrefix: 'registry.example/fn',
    schemaDirectory: '/etc/porch/schemas',
    functions: {
      runner: 'runner.example:9445',
      runnerCaFile: '/ca.pem',
      executables: '/etc/porch/executables',
      programDirectory: '/opt/functions',
      containerEngine: 'podman',
      engineEnvironment: { PATH: '/engine/bin', HOME: '/engine', DOCKER_HOST: 'unix:///engine.sock' },
      modules: '/etc/porch/modules',
      disabled: ['builtin', 'wasm'],
      limits: { timeoutMs: 90_000, memoryBytes: 64 << 20, outputBytes: 2 << 20 },
    },
    tokenAuthFile: '/etc/porch/tokens.csv',
    webhookSecretFile: '/etc/porch/webhook-secrets',
    cleanupFrequencyMs: 60_000,
    enforceReadinessGates: true,
    tracing: { endpoint: 'http://collector:4318/v1/traces', samplingRatio: 0.5 },
    profiling: true,
    audit: {
      logPath: '/var/log/audit.log',
      policyFile: '/etc/porch/policy.yaml',
      maxSizeMegabytes: 10,
      maxAgeDays: 7,
      maxBackups: 3,
    },
    database: { url: '', urlFile: '/etc/porch/database-url' },
    encryptionKeyFile: '/etc/porch/key',
    backup: { directory: '/backups', frequencyMs: 3_600_000, keep: 3 },
    controllers: false,
    leaseDurationMs: 20_000,
    cluster: undefined,
    shutdownDelayMs: 5_000,
  });
});

test('settings cannot be changed', () => {
  const settings = parse();
  expect(Object.isFrozen(settings) && Object.isFrozen(settings.listen) && Object.isFrozen(settings.tlsSans)).toBe(true);
});

describe('the environment', () => {
  test('sets what no flag sets', () => {
    vi.stubEnv('PORCH_LISTEN', '0.0.0.0:8443');
    vi.stubEnv('PORCH_PUSH_DRAFTS', 'sync');
    vi.stubEnv('PORCH_TLS_SAN', 'a.example');
    expect(parse('--push-drafts', 'off')).toMatchObject({
      listen: { host: '0.0.0.0', port: 8443 },
      pushDrafts: 'off',
      tlsSans: ['a.example'],
    });
  });

  test.each([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ])('PORCH_ALLOW_LOCAL_REPOSITORIES=%j is %j', (text, allowed) => {
    vi.stubEnv('PORCH_ALLOW_LOCAL_REPOSITORIES', text);
    expect(parse().allowLocalRepositories).toBe(allowed);
  });

  test('alone may hold the URL of a database', () => {
    vi.stubEnv('PORCH_DATABASE_URL', 'postgres://porch:secret@db/porch');
    expect(parse().database).toEqual({ url: 'postgres://porch:secret@db/porch', urlFile: '' });
    expect(() => parse('--database-url=postgres://porch:secret@db/porch')).toThrow(/unknown option/);
  });

  test('is checked as flags are', () => {
    vi.stubEnv('PORCH_LISTEN', 'nowhere');
    expect(() => parse()).toThrowError(/PORCH_LISTEN.*Give HOST:PORT/);
  });
});

test.each([
  ['--listen', 'localhost'],
  ['--listen', '127.0.0.1:70000'],
  ['--listen', '[nothing]:1'],
  ['--repo-sync-frequency', '5'],
  ['--repo-sync-frequency', '1ms'],
  ['--backup-frequency', '720h'],
  ['--function-timeout', '0s'],
  ['--function-runner', 'runner.example:70000'],
  ['--function-runner', 'runner.example:0'],
  ['--function-containers', 'nonsense'],
  ['--function-containers', '/bin/true'],
  ['--push-drafts', 'later'],
  ['--log-level', 'loud'],
  ['--log-format', 'xml'],
  ['--tls-san', 'a b'],
  ['--otlp-endpoint', 'collector:4318'],
  ['--otlp-endpoint', 'http://me:secret@collector:4318'],
  ['--trace-sampling-ratio', '2'],
  ['--allow-local-repositories', 'maybe'],
  ['--controllers', 'maybe'],
  ['--lease-duration', '1s'],
  ['--shutdown-delay-duration', '5'],
  ['--backup-keep', '0'],
  ['--max-request-body-size', '0'],
  ['--max-request-body-size', '268435457'],
])('%s %j is refused', (flag, value) => {
  expect(() => parse(`${flag}=${value}`)).toThrowError(
    expect.objectContaining({ message: expect.stringContaining(flag) }),
  );
});

test.each([
  ['--function-runner-ca-file', 'x', '--function-runner'],
  ['--backup-frequency', '1h', '--backup-dir'],
  ['--backup-keep', '3', '--backup-dir'],
  ['--audit-policy-file', 'x', '--audit-log-path'],
  ['--audit-log-maxsize', '3', '--audit-log-path'],
  ['--audit-log-maxage', '3', '--audit-log-path'],
  ['--audit-log-maxbackup', '3', '--audit-log-path'],
  ['--trace-sampling-ratio', '0.5', '--otlp-endpoint'],
  ['--oidc-client-id', 'x', '--oidc-issuer-url'],
  ['--oidc-ca-file', 'x', '--oidc-issuer-url'],
  ['--oidc-username-claim', 'x', '--oidc-issuer-url'],
  ['--oidc-username-prefix', 'x', '--oidc-issuer-url'],
  ['--oidc-groups-claim', 'x', '--oidc-issuer-url'],
  ['--oidc-groups-prefix', 'x', '--oidc-groups-claim'],
  ['--oidc-required-claim', 'a=b', '--oidc-issuer-url'],
  ['--oidc-signing-algs', 'RS256', '--oidc-issuer-url'],
])('%s %s without %s is refused', (flag, value, partner) => {
  expect(() => parse(flag, value)).toThrowError(`${flag} has no effect without ${partner}`);
});

test('what has no effect is refused in the environment as well, if it is meant for Porch', () => {
  vi.stubEnv('OTEL_TRACES_SAMPLER_ARG', '0.5');
  expect(parse().tracing.samplingRatio).toBe(0.5);
  vi.stubEnv('PORCH_BACKUP_KEEP', '3');
  expect(() => parse()).toThrowError('--backup-keep has no effect without --backup-dir');
  vi.stubEnv('PORCH_BACKUP_DIR', 'backups');
  expect(parse().backup).toMatchObject({ directory: resolve('backups'), keep: 3 });
});
