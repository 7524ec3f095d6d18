import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../harness/eventually.ts';
import { plainGit } from '../harness/git-command.ts';
import type { Stage } from './stage.ts';

const lifecycle = (name: string, value: string): string =>
  `kubectl patch packagerevision ${name} --type merge -p '{"spec": {"lifecycle": "${value}"}}'`;

/** Plays the life of a package from its first draft to its deletion. */
export async function play(stage: Stage): Promise<void> {
  await register(stage);
  await draft(stage);
  await publish(stage);
  await cloneDownstream(stage);
  await publishNext(stage);
  await remove(stage);
  await lookBack(stage);
}

async function register(stage: Stage): Promise<void> {
  const { terminal } = stage;
  terminal.heading('A server, and two Git repositories that ask for a password');
  await stage.startServer();
  await terminal.run('cat repositories.yaml');
  await terminal.run('kubectl apply -f secrets.yaml -f repositories.yaml');
  await terminal.run('kubectl wait --for condition=Ready repository --all');
  await terminal.run('kubectl get repositories');
}

async function draft(stage: Stage): Promise<void> {
  const { terminal } = stage;
  terminal.heading('A draft, its files, and what its pipeline makes of them');
  await terminal.run('cat web-v1.yaml');
  await terminal.run('kubectl create -f web-v1.yaml');
  terminal.background('kubectl get packagerevisions --watch --output-watch-events > watch.log');
  await watched(stage, /^ADDED +blueprints\.web\.v1 /m);
  await terminal.run('cat web-files.yaml');
  await terminal.run(
    'kubectl patch packagerevisionresources blueprints.web.v1 --type merge --patch-file web-files.yaml',
  );
  await terminal.run(
    "kubectl get packagerevisionresources blueprints.web.v1 -o jsonpath='{.spec.resources.deployment\\.yaml}'",
  );
}

async function publish(stage: Stage): Promise<void> {
  const { terminal } = stage;
  terminal.heading('Propose and approve');
  await terminal.run(lifecycle('blueprints.web.v1', 'Proposed'));
  await branchesAre(stage, 'blueprints', 'main', 'proposed/web/v1');
  await terminal.run('git -C git/blueprints.git branch');
  await terminal.run('cat approve.sh');
  await terminal.run('sh approve.sh blueprints.web.v1');
  await terminal.run('kubectl get packagerevisions');
  await terminal.run('git -C git/blueprints.git ls-tree -r --name-only web/v1');
}

async function cloneDownstream(stage: Stage): Promise<void> {
  const { terminal } = stage;
  terminal.heading('The package in the repository that is deployed');
  await terminal.run('cat web-production.yaml');
  await terminal.run('kubectl create -f web-production.yaml');
  await terminal.run('sh approve.sh deployments.web.production');
  await terminal.run("git -C git/deployments.git show main:web/Kptfile | grep -A 12 '^upstream:'");
}

async function publishNext(stage: Stage): Promise<void> {
  const { terminal } = stage;
  terminal.heading('The next revision upstream');
  await terminal.run('cat web-v2.yaml');
  await terminal.run('kubectl create -f web-v2.yaml');
  await terminal.run(
    'kubectl get packagerevisionresources blueprints.web.v2 -o yaml | sed s/nginx:1.27/nginx:1.29/ | kubectl replace -f -',
  );
  await terminal.run(lifecycle('blueprints.web.v2', 'Proposed'));
  await terminal.run('sh approve.sh blueprints.web.v2');
  await terminal.run('kubectl get packagerevisions -l kpt.dev/latest-revision=true');
  await terminal.run('git -C git/blueprints.git diff web/v1 web/v2 -- web/deployment.yaml');
}

async function remove(stage: Stage): Promise<void> {
  const { terminal } = stage;
  terminal.heading('Deleting takes a proposal, too, and respects who depends on what');
  await terminal.refused('kubectl delete packagerevision deployments.web.production', 'must be proposed for deletion');
  await terminal.run(lifecycle('blueprints.web.v1', 'DeletionProposed'));
  await terminal.refused('kubectl delete packagerevision blueprints.web.v1', 'referenced as upstream');
  await terminal.run(lifecycle('deployments.web.production', 'DeletionProposed'));
  await terminal.run('kubectl delete packagerevision deployments.web.production');
  await terminal.run(lifecycle('deployments.web.main', 'DeletionProposed'));
  await terminal.run('kubectl delete packagerevision deployments.web.main');
  await terminal.run('kubectl get packagerevisions');
}

async function lookBack(stage: Stage): Promise<void> {
  const { terminal } = stage;
  terminal.heading('What the watch has seen, and what is in Git');
  await watched(stage, /^DELETED +deployments\.web\.main /m);
  await terminal.run('cat watch.log');
  await branchesAre(stage, 'blueprints', 'main', 'deletionProposed/web/v1');
  await branchesAre(stage, 'deployments', 'main');
  await terminal.run('git -C git/blueprints.git log --graph --oneline --decorate --all');
  await terminal.run('git -C git/deployments.git log --graph --oneline --decorate --all');
  await stage.stopServer();
}

/** Waits until the watch in the background has shown something. */
async function watched({ directory, signal }: Stage, pattern: RegExp): Promise<void> {
  await eventually(`the watch shows ${pattern}`, async () => {
    if (signal.aborted) return true;
    return pattern.test(await readFile(join(directory, 'watch.log'), 'utf8'));
  });
  signal.throwIfAborted();
}

/** Waits until a repository has exactly these branches; they follow what the server answers by a moment. */
async function branchesAre({ directory, signal }: Stage, repository: string, ...branches: string[]): Promise<void> {
  const git = join(directory, 'git', `${repository}.git`);
  await eventually(`the branches of ${repository} are ${branches.join(', ')}`, async () => {
    if (signal.aborted) return true;
    const found = await plainGit(git, ['for-each-ref', '--format=%(refname:short)', 'refs/heads']);
    return found === branches.toSorted().join('\n');
  });
  signal.throwIfAborted();
}
