/**
 * Which git programs are new enough.
 */

const OLDEST = [2, 37] as const;

const needed = `git ${OLDEST.join('.')} or newer is needed`;

/**
 * Says what is wrong with the git program found, or undefined when it will do. Older ones cannot read objects the way mirrors do
 * (`cat-file --batch-command`), or look up names of hosts by themselves whatever they are told (`http.curloptResolve`).
 */
export function versionProblem(output: string): string | undefined {
  const [, major, minor] = /^git version (\d+)\.(\d+)/.exec(output) ?? [];
  if (major === undefined || minor === undefined)
    return `${needed}; the git that was found calls itself ${output.trim()}`;
  const newEnough = Number(major) > OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) >= OLDEST[1]);
  return newEnough ? undefined : `${needed}; found ${major}.${minor}`;
}

/** Why git cannot be used that could not be started, for the reason given. */
export function startProblem(reason: string): string {
  return reason.includes('ENOENT')
    ? `${needed}, and there is none on the PATH`
    : `${needed}, and cannot be run: ${reason}`;
}
