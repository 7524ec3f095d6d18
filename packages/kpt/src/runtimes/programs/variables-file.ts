import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FunctionRunError } from '../evaluator.ts';

/**
 * Does work with a file of variables, a line NAME=VALUE each, as the commands of container engines read them. Only this user can read it,
 * and it is gone afterwards. Without variables there is none.
 *
 * @throws FunctionRunError for a variable that such a file cannot hold
 */
export async function withVariablesFile<T>(
  variables: Readonly<Record<string, string>>,
  work: (path: string | undefined) => Promise<T>,
): Promise<T> {
  const lines = Object.entries(variables).map(lineOf);
  if (lines.length === 0) return work(undefined);
  const directory = await mkdtemp(join(tmpdir(), 'porch-fn-'));
  try {
    const path = join(directory, 'variables');
    await writeFile(path, lines.join(''), { mode: 0o600 });
    return await work(path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Whether a function in a container can be given a variable of this name: engines read variables from a file of lines NAME=VALUE. */
export function isVariableName(name: string): boolean {
  return /^[^\s=#\0][^\s=\0]*$/.test(name);
}

/** Whether a variable of a function in a container can have this value, which must be a single line. */
export function isVariableValue(value: string): boolean {
  return !/[\r\n\0]/.test(value);
}

function lineOf([name, value]: readonly [string, string]): string {
  if (!isVariableName(name)) {
    throw new FunctionRunError(`its FunctionConfig has a variable ${JSON.stringify(name)}, which is no name of one`);
  }
  if (!isVariableValue(value)) {
    throw new FunctionRunError(`variable ${JSON.stringify(name)} of its FunctionConfig must be a single line`);
  }
  return `${name}=${value}\n`;
}
