import { type Command, Option } from 'commander';
import { serviceAccountDirectory } from '../server/aggregated/names.ts';
import type { ClusterSettings } from '../server/settings.ts';
import { namespace, truth } from './option-values.ts';
import { PathOption } from './path-options.ts';

interface ClusterFlags {
  readonly aggregated: boolean;
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly tlsCertFile: string;
  readonly tlsPrivateKeyFile: string;
  readonly tokenAuthFile: string;
  readonly oidcIssuerUrl?: string;
  readonly controllers: boolean;
}

/** Adds the flags of a server that stands behind a kube-apiserver; each can also be given as an environment variable. */
export function addClusterOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--aggregated [true|false]',
        'serve packages only, behind the kube-apiserver of the cluster that this pod runs in',
      )
        .default(false)
        .preset('true')
        .env('PORCH_AGGREGATED')
        .argParser(truth),
    )
    .addOption(
      new PathOption('--kubeconfig <file>', 'the same outside of a pod: the cluster and the identity in it', 'a file')
        .default('', 'none')
        .env('PORCH_KUBECONFIG'),
    )
    .addOption(
      new Option('--namespace <name>', 'namespace that the server runs in, behind a kube-apiserver')
        .default('', 'that of the pod')
        .env('PORCH_NAMESPACE')
        .argParser(namespace),
    )
    .addOption(
      new PathOption(
        '--tls-cert-file <file>',
        'certificate to show to kube-apiserver; read again when it changes',
        'a file',
      )
        .default('', 'one of an own authority')
        .env('PORCH_TLS_CERT_FILE'),
    )
    .addOption(
      new PathOption('--tls-private-key-file <file>', 'the key of that certificate', 'a file')
        .default('', 'none')
        .env('PORCH_TLS_PRIVATE_KEY_FILE'),
    );
}

/** What the flags say of a cluster; undefined for a standalone server. Ends the command for flags that do not go together. */
export function clusterSettingsOf(command: Command, env: NodeJS.ProcessEnv): ClusterSettings | undefined {
  const flags = command.opts<ClusterFlags>();
  const aggregated = flags.aggregated || flags.kubeconfig !== '';
  const { tlsCertFile: cert, tlsPrivateKeyFile: key } = flags;
  if ((cert === '') !== (key === '')) command.error('error: --tls-cert-file and --tls-private-key-file go together');
  if (!aggregated) {
    const stray = flags.namespace !== '' ? '--namespace' : cert !== '' ? '--tls-cert-file' : undefined;
    if (stray !== undefined) command.error(`error: ${stray} is for servers with --aggregated or --kubeconfig`);
    return undefined;
  }
  const whose = "is for standalone servers; behind a kube-apiserver, tokens are the cluster's";
  if (flags.tokenAuthFile !== '') command.error(`error: --token-auth-file ${whose}`);
  if (flags.oidcIssuerUrl !== undefined) command.error(`error: --oidc-issuer-url ${whose}`);
  if (!flags.controllers) {
    command.error(
      'error: behind a kube-apiserver, servers agree on who synchronises repositories: --controllers must be true',
    );
  }
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = env;
  return {
    kubeconfig: flags.kubeconfig,
    service: host === '' || port === '' ? undefined : { host, port },
    serviceAccountDirectory,
    namespace: flags.namespace,
    tls: { cert, key },
  };
}
