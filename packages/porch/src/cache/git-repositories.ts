import { fullPath, normalDirectory } from '../git/layout.ts';
import { GitError, type Mirror, type Mirrors, type RemoteAccess } from '../git/types.ts';
import type { Repository } from '../resources/repository.ts';
import type { Registrations } from './registrations.ts';
import type { SecretSource } from './secret-source.ts';

/** A registered Git repository, ready for use. */
export interface GitRepository {
  readonly namespace: string;
  readonly name: string;
  readonly object: Repository;
  readonly url: string;
  readonly branch: string;
  /** Without slashes at its ends; empty for the root. */
  readonly directory: string;
  readonly mirror: Mirror;
  /**
   * With the credentials as they are now; ask again for every operation.
   * Rejects with a GitError of class Authentication when the Secret is missing or of no use.
   */
  access(): Promise<RemoteAccess>;
  /** Directory in Git of a package of this repository. */
  fullPath(packageName: string): string;
}

const kindsOfSecrets =
  'Use type kubernetes.io/basic-auth with username and password, type Opaque with bearerToken, or type kubernetes.io/ssh-auth ' +
  'with ssh-privatekey and known_hosts.';

/** What a Repository or its Secret asks for is not built. */
export class UnsupportedError extends GitError {
  constructor(message: string, advice: string) {
    super('Other', message, advice);
    this.name = 'UnsupportedError';
  }
}

/** The Secret with the certificates that remotes of a namespace are trusted by. */
export function caBundleName(namespace: string): string {
  return `${namespace}-ca-bundle`;
}

/** Opens registered repositories: their mirror, and their credentials from the Secrets they name. */
export class GitRepositories {
  readonly #registrations: Registrations;
  readonly #secrets: SecretSource;
  readonly #mirrors: Mirrors;

  constructor(registrations: Registrations, secrets: SecretSource, mirrors: Mirrors) {
    this.#registrations = registrations;
    this.#secrets = secrets;
    this.#mirrors = mirrors;
  }

  /** @throws GitError NotFound when no such Repository is registered; UnsupportedError when it is not a Git repository */
  async open(namespace: string, name: string): Promise<GitRepository> {
    const object = this.#registrations.get(namespace, name);
    if (object === undefined) {
      throw new GitError('NotFound', `repository ${namespace}/${name} is not registered`, 'Register it first.');
    }
    return this.of(object);
  }

  /** As `open`, of an object at hand. @throws UnsupportedError */
  async of(object: Repository): Promise<GitRepository> {
    const namespace = object.metadata.namespace ?? '';
    const name = object.metadata.name ?? '';
    const git = object.spec.git;
    if (git === undefined) {
      throw new UnsupportedError(
        `repository ${namespace}/${name} is of type ${object.spec.type ?? 'oci'}`,
        'Only Git repositories are supported: use type git.',
      );
    }
    const directory = normalDirectory(git.directory);
    return {
      namespace,
      name,
      object,
      url: git.repo,
      branch: git.branch ?? 'main',
      directory,
      mirror: await this.#mirrors.open(git.repo),
      access: () => this.accessTo(namespace, git.repo, git.secretRef?.name),
      fullPath: (packageName) => fullPath(directory, packageName),
    };
  }

  /** The mirror of any remote, registered or not. */
  mirror(url: string): Promise<Mirror> {
    return this.#mirrors.open(url);
  }

  /** Access to a remote with the credentials of a Secret, or none. @throws GitError Authentication */
  async accessTo(namespace: string, url: string, secretName: string | undefined): Promise<RemoteAccess> {
    const credentials =
      secretName === undefined || secretName === '' ? undefined : await this.#credentials(namespace, secretName);
    const bundle = (await this.#secrets.get(namespace, caBundleName(namespace)))?.data?.['ca.crt'];
    return {
      url,
      ...(credentials === undefined ? {} : { credentials }),
      ...(bundle === undefined ? {} : { caBundle: decodeBase64(bundle) }),
    };
  }

  async #credentials(namespace: string, name: string): Promise<NonNullable<RemoteAccess['credentials']>> {
    const secret = await this.#secrets.get(namespace, name);
    if (secret === undefined) {
      throw new GitError(
        'Authentication',
        `secret "${name}" not found in namespace "${namespace}"`,
        `Create the secret, or correct spec.git.secretRef.name.`,
      );
    }
    const {
      username,
      password,
      bearerToken,
      'ssh-privatekey': privateKey,
      known_hosts: knownHosts,
    } = secret.data ?? {};
    if (secret.type === 'kubernetes.io/basic-auth' && (username !== undefined || password !== undefined)) {
      return { type: 'basic', username: decodeLine(username ?? ''), password: decodeLine(password ?? '') };
    }
    if ((secret.type === 'Opaque' || secret.type === undefined) && bearerToken !== undefined) {
      return { type: 'bearer', token: decodeLine(bearerToken) };
    }
    if (secret.type === 'kubernetes.io/ssh-auth' && privateKey !== undefined) {
      return { type: 'ssh', privateKey: decodeBase64(privateKey), knownHosts: decodeBase64(knownHosts ?? '') };
    }
    if (secret.type === 'kpt.dev/workload-identity-auth') {
      throw new UnsupportedError(`secret "${name}" asks for workload identity`, kindsOfSecrets);
    }
    throw new GitError(
      'Authentication',
      `secret "${name}" of type "${secret.type ?? 'Opaque'}" holds no credentials for Git`,
      kindsOfSecrets,
    );
  }
}

function decodeBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}

/** Secrets are made of files, which end with a line break: no user name, password or token does, and HTTP could not carry it. */
function decodeLine(text: string): string {
  return decodeBase64(text).replace(/\r?\n$/, '');
}
