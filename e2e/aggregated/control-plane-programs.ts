import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';

/** The programs of a Kubernetes control plane. */
export interface ControlPlanePrograms {
  readonly etcd: string;
  readonly apiServer: string;
  readonly kubectl: string;
  /** Missing in some collections of these programs. */
  readonly controllerManager: string | undefined;
  /** An address of this machine that is no loopback one: kube-apiserver takes no others for endpoints. */
  readonly address: string;
}

function addressOfMachine(): string | undefined {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal, address }) => family === 'IPv4' && !internal && !address.startsWith('169.254.'))
    ?.address;
}

/**
 * The programs in the folder that `KUBEBUILDER_ASSETS` names, as for Go's envtest. Undefined where something is missing; what it
 * is, and that tests are skipped for it, is said on standard error.
 */
export function findControlPlane(): ControlPlanePrograms | undefined {
  const skip = (why: string): undefined => {
    process.stderr.write(`skipped: tests behind a kube-apiserver: ${why}\n`);
    return undefined;
  };
  const folder = process.env.KUBEBUILDER_ASSETS ?? '';
  if (folder === '') {
    return skip(
      'KUBEBUILDER_ASSETS is not set; it names a folder with etcd, kube-apiserver, kubectl and kube-controller-manager',
    );
  }
  const program = (name: string) => join(folder, name);
  for (const name of ['etcd', 'kube-apiserver', 'kubectl']) {
    if (!existsSync(program(name))) return skip(`there is no ${name} in ${folder}`);
  }
  const address = addressOfMachine();
  if (address === undefined) return skip('this machine has no address but loopback ones, at which no endpoint can be');
  const manager = program('kube-controller-manager');
  const controllerManager = existsSync(manager) ? manager : undefined;
  if (controllerManager === undefined)
    process.stderr.write(`skipped: tests with controllers: no kube-controller-manager in ${folder}\n`);
  return {
    etcd: program('etcd'),
    apiServer: program('kube-apiserver'),
    kubectl: program('kubectl'),
    controllerManager,
    address,
  };
}
