import { execFile, execFileSync } from 'node:child_process';

/** A kubectl program and what it can do. */
export interface KubectlProgram {
  readonly path: string;
  /** Minor version: 32 of v1.32.4. */
  readonly minor: number;
  readonly title: string;
}

/** What a kubectl command printed. */
export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const checking = ['create', 'apply', 'replace', 'edit'];

/** The programs of KUBECTL, several separated by colons; `kubectl` on the PATH where it is not set. */
export function kubectlPrograms(): KubectlProgram[] {
  const paths = (process.env.KUBECTL || 'kubectl').split(':').filter((path) => path !== '');
  return paths.map((path) => {
    const minor = minorVersion(path);
    return { path, minor, title: `${path} (1.${minor})` };
  });
}

/** The first version that the server supports in full. */
export const fullySupported = 29;

/** The programs that the server supports in full; says which are left out. */
export function modernKubectlPrograms(): KubectlProgram[] {
  const all = kubectlPrograms();
  for (const { title, minor } of all) if (minor < fullySupported) console.warn(`skipped with ${title}: it is too old`);
  return all.filter(({ minor }) => minor >= fullySupported);
}

function minorVersion(path: string): number {
  let text: string;
  try {
    text = execFileSync(path, ['version', '--client', '-o', 'json'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, HOME: '/nonexistent', KUBECONFIG: '/nonexistent/kubeconfig' },
    });
  } catch (error) {
    throw new Error(`cannot run ${path}; install kubectl, or name one with KUBECTL`, { cause: error });
  }
  const version: string = JSON.parse(text).clientVersion.gitVersion;
  const minor = /^v1\.(\d+)/.exec(version)?.[1];
  if (minor === undefined) throw new Error(`${path} says it is ${version}, which is no version this knows`);
  return Number(minor);
}

/** How a command is run. */
export interface KubectlOptions {
  readonly program: KubectlProgram;
  readonly kubeconfig: string;
  /** Home of its own, for its caches. */
  readonly home: string;
  readonly stdin?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** Runs kubectl and gives what it printed, whatever its exit code. */
export function runKubectl(args: readonly string[], options: KubectlOptions): Promise<KubectlResult> {
  const { program, kubeconfig, home, stdin, env } = options;
  const [command = '', what] = args;
  // `create token` sends no object that it could check, and does not know the flag.
  const old = program.minor < fullySupported && checking.includes(command) && what !== 'token';
  return new Promise((resolve, reject) => {
    const child = execFile(
      program.path,
      [...args, ...(old ? ['--validate=false'] : [])],
      {
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
        env: { PATH: process.env.PATH, HOME: home, KUBECONFIG: kubeconfig, TZ: 'UTC', ...env },
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        if (typeof code === 'number') resolve({ code, stdout, stderr });
        else reject(new Error(`${program.path} ${args.join(' ')} did not run`, { cause: error }));
      },
    );
    child.stdin?.on('error', () => undefined); // a command that does not read its input says so by its exit code
    child.stdin?.end(stdin ?? '');
  });
}
