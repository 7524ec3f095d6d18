import { expect, it } from 'vitest';
import { defaultRunLimits } from '../runtimes/evaluator.ts';
import { runFunctionProgram } from '../runtimes/programs/run-function-program.ts';
import { localPrograms } from './local-programs.ts';

const never = () => new AbortController().signal;

function run(script: string, limits: Partial<typeof defaultRunLimits> = {}, input = 'given') {
  const request = {
    image: script,
    resourceList: Buffer.from(input),
    limits: { ...defaultRunLimits, ...limits },
    signal: never(),
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

it.each([
  ['is not there', '/no/such/program', /it could not be run: .*ENOENT/],
  ['can have no such name', 'a\0b', /it could not be run: .*null bytes/],
])('says that a program cannot be started that %s', async (_, file, message) => {
  const request = { image: 'x', resourceList: Buffer.alloc(0), limits: defaultRunLimits, signal: never() };
  const program = { file, args: [], environment: {} };
  await expect(runFunctionProgram(localPrograms, request, program)).rejects.toThrow(message);
});

it('puts characters together that arrive in parts', async () => {
  const { stderr } = await run("printf '\\303' >&2; sleep 0.05; printf '\\251' >&2");
  expect(stderr).toBe('é');
});

it('keeps the beginning and the end of what a program says, where the reason of its failure stands', async () => {
  const { stderr } = await run('echo begins >&2; yes | head -c 200000 >&2; echo the reason >&2; exit 1');
  expect(stderr).toMatch(/^begins\n[y\n]+\[\d+ bytes left out\]\n[y\n]+the reason\n$/);
  expect(Buffer.byteLength(stderr)).toBeLessThanOrEqual(64 << 10);
});

it('ends a program that nobody waits for any more, and begins none', async () => {
  const stop = new AbortController();
  const program = {
    file: 'sh',
    args: ['-c', 'cat; exec sleep 1000'],
    environment: {},
    input: Buffer.alloc(0),
    timeoutMs: 300_000,
    outputBytes: 10,
    signal: stop.signal,
  };
  const running = localPrograms.run(program);
  stop.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
  await expect(localPrograms.run(program)).rejects.toThrow('enough');
});
