import { type Command, InvalidArgumentError, Option } from 'commander';
import { serviceAccountDirectory } from '../server/aggregated/names.ts';
import type { ClusterSettings } from '../server/settings.ts';
import { truth } from './option-values.ts';

interface ClusterFlags {
  readonly aggregated: boolean;
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly tlsCertFile: string;
  readonly tlsPrivateKeyFile: string;
  readonly tokenAuthFile: string;
  readonly controllers: boolean;
}

function namespace(text: string): string {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text))
    throw new InvalidArgumentError('Give the name of a namespace.');
  return text;
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
      new Option('--kubeconfig <file>', 'the same outside of a pod: the cluster and the identity in it')
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
      new Option('--tls-cert-file <file>', 'certificate to show to kube-apiserver; read again when it changes')
        .default('', 'one of an own authority')
        .env('PORCH_TLS_CERT_FILE'),
    )
    .addOption(
      new Option('--tls-private-key-file <file>', 'the key of that certificate')
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
  if (flags.tokenAuthFile !== '') {
    command.error(
      "error: --token-auth-file is for standalone servers; behind a kube-apiserver, tokens are the cluster's",
    );
  }
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
