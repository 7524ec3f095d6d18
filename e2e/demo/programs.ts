import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { kubectlPrograms } from '../harness/kubectl.ts';

const oldestKubectl = 29;

/** The demonstration cannot run here, and the message says why and what to do. */
export class MissingProgramError extends Error {
  override name = 'MissingProgramError';
}

/** Absolute path of the kubectl to use. @throws MissingProgramError when kubectl or git is missing or too old */
export function findPrograms(): string {
  checkGit();
  let kubectl: ReturnType<typeof kubectlPrograms>[number] | undefined;
  try {
    kubectl = kubectlPrograms()[0];
  } catch (error) {
    throw new MissingProgramError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  if (kubectl === undefined) throw new MissingProgramError('KUBECTL names no program');
  if (kubectl.minor >= oldestKubectl) return absolute(kubectl.path);
  throw new MissingProgramError(
    `${kubectl.path} is version 1.${kubectl.minor}; install kubectl 1.${oldestKubectl} or newer, or name one with KUBECTL`,
  );
}

function checkGit(): void {
  let programs: string;
  try {
    programs = execFileSync('git', ['--exec-path'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch (error) {
    throw new MissingProgramError('cannot run git; install it (2.37 or newer)', { cause: error });
  }
  if (existsSync(join(programs, 'git-http-backend'))) return;
  throw new MissingProgramError(
    `git comes without http-backend, which serves repositories (${programs}); install it (Alpine: git-daemon)`,
  );
}

/** Where a program is that the shell would find. */
function absolute(program: string): string {
  if (program.includes('/')) return resolve(program);
  const places = (process.env.PATH ?? '').split(delimiter).map((place) => join(place, program));
  return places.find(existsSync) ?? program;
}
