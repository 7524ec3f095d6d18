import { spawn } from 'node:child_process';
import { devNull } from 'node:os';

/** Environment in which git reads no user's or system's configuration, asks for nothing, and commits as a fixed person. */
export function plainGitEnvironment(): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: devNull,
    LC_ALL: 'C',
    TZ: 'UTC',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_TERMINAL_PROMPT: '0',
    // As later versions of git do not by default: bare repositories where it is started, SHA-1, references in files.
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.bareRepository',
    GIT_CONFIG_VALUE_0: 'all',
    GIT_DEFAULT_HASH: 'sha1',
    GIT_DEFAULT_REF_FORMAT: 'files',
    GIT_AUTHOR_NAME: 'Somebody Else',
    GIT_AUTHOR_EMAIL: 'somebody@example.com',
    GIT_COMMITTER_NAME: 'Somebody Else',
    GIT_COMMITTER_EMAIL: 'somebody@example.com',
  };
}

/** What a git command may be given. */
export interface PlainGitOptions {
  /** Bytes for its standard input. */
  readonly input?: string | Buffer;
  /** Added to the environment, for example author dates. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs git as a user would, apart from the code under test, and gives what it printed, without the last line break.
 * @throws Error with the command and what git said, when it fails
 */
export function plainGit(directory: string, args: readonly string[], options: PlainGitOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, {
      cwd: directory,
      env: { ...plainGitEnvironment(), ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    child.stdin.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') reject(error); // git that ends early has not read all; its exit code tells more
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out).toString('utf8').replace(/\n$/, ''));
      else
        reject(
          new Error(`git ${args.join(' ')} failed (exit code ${code}): ${Buffer.concat(errors).toString('utf8')}`),
        );
    });
    child.stdin.end(options.input ?? '');
  });
}
