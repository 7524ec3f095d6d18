/** Where the running program comes from. */
export interface BuildInfo {
  readonly commit?: string;
  /** RFC 3339. */
  readonly date?: string;
}

const pattern = /^v([0-9]+)\.([0-9]+)\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?$/;
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** Version of Kubernetes whose API conventions this library follows. */
const kubernetesVersion = '1.34.0';

/** A `gitVersion` that names a product and its release: `v1.34.0-porch.0.1.0`. */
export function productGitVersion(product: string, release: string): string {
  return `v${kubernetesVersion}-${product}.${release}`;
}

/**
 * The answer of `/version`, which clients compare with their own.
 *
 * @throws TypeError when `gitVersion` is not of the form `v1.34.0-name.0.1.0`
 */
export function versionInfo(gitVersion: string, build: BuildInfo): Record<string, string> {
  const match = pattern.exec(gitVersion);
  if (match === null)
    throw new TypeError(`version ${JSON.stringify(gitVersion)} is not of the form v1.34.0-name.0.1.0`);
  return {
    major: match[1] ?? '',
    minor: match[2] ?? '',
    gitVersion,
    gitCommit: build.commit ?? '',
    gitTreeState: build.commit === undefined ? '' : 'clean',
    buildDate: build.date ?? '',
    // The field is Go's; clients print it.
    goVersion: `node ${process.version}`,
    compiler: 'v8',
    platform: `${process.platform}/${architectures[process.arch] ?? process.arch}`,
  };
}
