import { resolve } from 'node:path';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addClusterOptions, clusterSettingsOf } from './cluster-options.ts';

const pod = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };

function parse(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const quiet = () => undefined;
  const command = addClusterOptions(
    new Command('serve')
      .option('--token-auth-file <file>', '', '')
      .option('--oidc-issuer-url <url>')
      .option('--controllers <value>', '', (v) => v === 'true', true),
  )
    .exitOverride()
    .configureOutput({ writeErr: quiet, writeOut: quiet });
  command.parse(args, { from: 'user' });
  return clusterSettingsOf(command, env);
}

test('a server stands alone unless it is told of a cluster', () => {
  expect(parse([], pod)).toBeUndefined();
  expect(parse(['--aggregated=false'], pod)).toBeUndefined();
});

test('a cluster is the one of the pod, or that of a kubeconfig', () => {
  const directory = '/var/run/secrets/kubernetes.io/serviceaccount';
  const own = { serviceAccountDirectory: directory, namespace: '', tls: { cert: '', key: '' } };
  expect(parse(['--aggregated'], pod)).toEqual({ ...own, kubeconfig: '', service: { host: '10.96.0.1', port: '443' } });
  expect(parse(['--aggregated'])).toEqual({ ...own, kubeconfig: '', service: undefined });
  const more = ['--namespace', 'porch', '--tls-cert-file', 'a.crt', '--tls-private-key-file', 'a.key'];
  expect(parse(['--kubeconfig', 'c', ...more])).toMatchObject({
    kubeconfig: 'c',
    namespace: 'porch',
    tls: { cert: 'a.crt', key: 'a.key' },
  });
});

test.each([
  [['--namespace', 'x'], '--namespace is for servers with'],
  [['--tls-cert-file', 'a', '--tls-private-key-file', 'b'], '--tls-cert-file is for servers with'],
  [['--aggregated', '--tls-cert-file', 'a'], 'go together'],
  [['--aggregated', '--token-auth-file', resolve('t')], '--token-auth-file is for standalone servers'],
  [['--aggregated', '--oidc-issuer-url', 'https://sso'], '--oidc-issuer-url is for standalone servers'],
  [['--aggregated', '--namespace', 'No'], 'Give the name of a namespace'],
  [['--aggregated', '--controllers', 'false'], '--controllers must be true'],
  [['--aggregated=maybe'], 'Give true or false'],
])('%j is refused', (args, message) => {
  expect(() => parse(args)).toThrow(message);
});
