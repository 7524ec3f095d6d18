import type { PackageFiles } from '../package/files.ts';
import { addMergeKeys } from '../package/merge-keys.ts';
import { type UpgradeOptions, type UpgradeStrategy, upgradePackage } from './upgrade-package.ts';

/** Files of a package, by path; a Kptfile is added where there is none. */
export type Files = Readonly<Record<string, string>>;

/** A minimal Kptfile with more text below. */
export function kptfile(name: string, more = ''): string {
  return `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\n${more}`;
}

/** A ConfigMap with the data given as lines. */
export function configMap(name: string, ...data: string[]): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n${data.map((line) => `  ${line}\n`).join('')}`;
}

const git = { repo: 'https://git.example/up', directory: '/pkg', ref: 'pkg/v2' };

/** What moves a package to the second revision of its upstream. */
function moving(strategy: UpgradeStrategy, old: PackageFiles, updated: PackageFiles): UpgradeOptions {
  return {
    strategy,
    old,
    updated,
    name: 'down',
    upstream: { type: 'git', git },
    lock: { type: 'git', git: { ...git, commit: 'c2' } },
  };
}

/** Package files of what a test gives. */
export function packageOf(files: Files, name = 'up'): Map<string, string> {
  return new Map(Object.entries({ Kptfile: kptfile(name), ...files }));
}

/** The same as a clone has them: with merge keys. */
export function clonedFiles(files: Files): Map<string, string> {
  return new Map(addMergeKeys(packageOf(files, 'down')));
}

/** Upgrades small packages. The local one is taken as it is; `cloned` makes it like a clone. */
export function upgrade(
  strategy: UpgradeStrategy,
  { old, updated, local }: { old: Files; updated: Files; local: Files | ReadonlyMap<string, string> },
): PackageFiles {
  const files = local instanceof Map ? local : packageOf(local as Files, 'down');
  return upgradePackage(files, moving(strategy, packageOf(old), packageOf(updated)));
}

/** A text without what marks where an object came from. */
export function unmarked(text: string | undefined): string | undefined {
  return text
    ?.replace(/ # kpt-merge:.*$/gm, '')
    .replace(/\n {2}annotations:\n {4}internal\.kpt\.dev\/upstream-identifier:.*$/gm, '')
    .replace(/\n {4}internal\.kpt\.dev\/upstream-identifier:.*$/gm, '');
}
