import { relative } from 'node:path';
import type { RunningProcess, RunningServer } from '../server/running-server.ts';
import { quoted } from './quoted.ts';

/** What is printed when the server is ready: where it is, how to connect, and what to try first. */
export function readyMessage({ address, kubeconfigPath }: RunningServer, workingDirectory: string): string {
  if (kubeconfigPath === undefined) return `Porch is ready at ${address}, behind a kube-apiserver\n`;
  const near = relative(workingDirectory, kubeconfigPath);
  const path = quoted(near.startsWith('..') ? kubeconfigPath : near);
  return [
    `Porch is ready at ${address}`,
    `Kubeconfig: ${kubeconfigPath}`,
    '',
    'Try:',
    `  kubectl --kubeconfig ${path} api-resources`,
    `  kubectl --kubeconfig ${path} get repositories,packagerevisions -A`,
    `  kubectl --kubeconfig ${path} explain repository.spec.git`,
    '',
  ].join('\n');
}

/** What is printed when the controllers run. */
export function controllersReadyMessage({ address }: RunningProcess): string {
  return `Porch controllers are ready; their health is at ${address}/readyz\n`;
}
