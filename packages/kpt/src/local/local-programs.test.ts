import { expect, it } from 'vitest';
import { defaultRunLimits } from '../runtimes/evaluator.ts';
import { runFunctionProgram } from '../runtimes/programs/run-function-program.ts';
import { localPrograms } from './local-programs.ts';

function run(script: string, limits: Partial<typeof defaultRunLimits> = {}, input = 'given') {
  const request = {
    image: script,
    resourceList: Buffer.from(input),
    limits: { ...defaultRunLimits, ...limits },
    signal: new AbortController().signal,
  };
  return runFunctionProgram(localPrograms, request, { file: 'sh', args: ['-c', script], environment: {} });
}

it('gives a program its input and keeps what it prints', async () => {
  const { resourceList, exitCode, stderr } = await run('cat; echo said >&2; exit 3');
  expect([Buffer.from(resourceList).toString(), exitCode, stderr]).toEqual(['given', 3, 'said\n']);
});

it('does not mind a program that reads nothing', async () => {
  const { exitCode } = await run('exit 0', {}, 'x'.repeat(1 << 20));
  expect(exitCode).toBe(0);
});

it.each([
  ['takes too long', 'exec sleep 1000', { timeoutMs: 50 }, 'it took more than 0.05 s'],
  ['prints too much', 'yes', { outputBytes: 10_000 }, 'it printed more than 10000 bytes'],
])('ends a program that %s', async (_, script, limits, message) => {
  await expect(run(script, limits)).rejects.toThrow(message);
});

it('says that a program cannot be started', async () => {
  const request = {
    image: 'x',
    resourceList: Buffer.alloc(0),
    limits: defaultRunLimits,
    signal: new AbortController().signal,
  };
  const program = { file: '/no/such/program', args: [], environment: {} };
  await expect(runFunctionProgram(localPrograms, request, program)).rejects.toThrow(/it could not be run: .*ENOENT/);
});
