import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ContainerEvaluator,
  defaultRunLimits,
  type EvaluationRequest,
  ExecutableEvaluator,
  type FunctionEvaluator,
  type RunLimits,
} from '@porch/kpt';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokerPrograms } from './broker-programs.ts';
import type { GitProcesses } from './git-processes.ts';
import { startBroker } from './start-broker.ts';

let directory: string;
let processes: GitProcesses;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'programs-'));
  processes = await startBroker({ directory: join(directory, 'data'), logger: pino({ level: 'silent' }) });
});

afterAll(async () => {
  await processes.close();
  rmSync(directory, { recursive: true });
});

function script(name: string, body: string): string {
  const file = join(directory, name);
  writeFileSync(file, `#!/bin/sh\nPATH=/usr/bin:/bin\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

const list = 'kind: ResourceList\nitems: []\n';

function request(image: string, limits: Partial<RunLimits> = {}): EvaluationRequest {
  return {
    image,
    resourceList: Buffer.from(list),
    limits: { ...defaultRunLimits, ...limits },
    signal: new AbortController().signal,
  };
}

async function run(evaluator: FunctionEvaluator, asked: EvaluationRequest) {
  const outcome = await evaluator.evaluate(asked);
  return outcome && { ...outcome, resourceList: Buffer.from(outcome.resourceList).toString() };
}

describe('an executable', () => {
  let table: string;
  let executables: ExecutableEvaluator;

  beforeAll(() => {
    table = join(directory, 'table');
    executables = new ExecutableEvaluator({ runner: brokerPrograms(processes), table, directory });
  });

  function listed(body: string, ...args: string[]): string {
    const file = script('program', body);
    writeFileSync(table, `fn:v1 ${file} ${args.join(' ')}\n`);
    return 'any.io/path/fn:v1';
  }

  it('reads the list, with the arguments of the table and an empty environment', async () => {
    const image = listed('cat; echo "$*" >&2; env | cut -d= -f1 | sort >&2', '-x', 'y');
    const outcome = await run(executables, { ...request(image), environment: { OF_CONTAINERS: 'x' } });
    expect(outcome).toMatchObject({ resourceList: list, exitCode: 0 });
    const [args, ...names] = outcome?.stderr.trim().split('\n') ?? [];
    expect(args).toBe('-x y');
    // What the shell sets itself, and the mark by which processes that outlive a server are found.
    expect(names).toEqual(['PATH', 'PORCH_DATA_DIRECTORY_ID', 'PWD'].filter((name) => names.includes(name)));
  });

  it('fails with its exit code and what it printed', async () => {
    expect(await run(executables, request(listed('echo "kind: List"; echo bad >&2; exit 4')))).toEqual({
      resourceList: 'kind: List\n',
      exitCode: 4,
      stderr: 'bad\n',
    });
  });

  it.each([
    ['hangs', 'sleep 1000 & sleep 1000', { timeoutMs: 300 }, 'it was ended: it took more than 0.3 s'],
    ['floods', 'exec yes', { outputBytes: 100_000 }, 'it was ended: it printed more than 100000 bytes'],
    ['is killed', 'kill -9 $$', {}, 'it was killed, perhaps because it took more than 512 MiB of memory'],
  ])('that %s is ended, alone', async (_, body, limits, message) => {
    await expect(run(executables, request(listed(body), limits))).rejects.toThrow(message);
  });

  /** Reads the number that a script has written, when it is there and whole. */
  const idIn = (file: string) => Number(readFileSync(file, 'utf8'));
  const isAlive = (id: number) =>
    existsSync(`/proc/${id}`) && !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${id}/stat`, 'utf8'));

  it.each([
    ['apart from its streams', '>/dev/null 2>&1 </dev/null'],
    ['with its streams', ''],
  ])('that leaves a process %s ends with it', async (_, streams) => {
    const file = join(directory, 'left');
    const image = listed(`cat; sleep 100000 ${streams} & echo $! > ${file}`);
    expect(await run(executables, request(image))).toMatchObject({ resourceList: list, exitCode: 0 });
    await expect.poll(() => isAlive(idIn(file))).toBe(false);
  });

  it('is given up in time, though a process that left its group holds its streams', async () => {
    const file = join(directory, 'left');
    // It says so itself when it has left: before that it ends with the program.
    const left = `setsid sh -c 'echo $$ > ${file}; exec sleep 100000' & until [ -s ${file} ]; do sleep 0.01; done`;
    await expect(run(executables, request(listed(`${left}; sleep 100000`), { timeoutMs: 2000 }))).rejects.toThrow(
      'took more than 2 s',
    );
    process.kill(idIn(file));
    rmSync(file);
    await expect(run(executables, request(listed(left), { timeoutMs: 2000 }))).rejects.toThrow('took more than 2 s');
    process.kill(idIn(file));
  });

  it('gets no more memory than it may have', async () => {
    const image = listed('head -c 200000000 /dev/zero | tail -c 150000000 | wc -c >&2');
    const free = await run(executables, request(image));
    expect(free?.stderr).toContain('150000000');
    const limited = await run(executables, request(image, { memoryBytes: 32 << 20 }));
    expect(limited?.stderr).not.toContain('150000000');
  });

  it('may lie in the directory of programs, where a rule names it, and nowhere else', async () => {
    listed('exit 9');
    script('ruled', 'cat');
    expect(await run(executables, { ...request('other:v2'), program: 'ruled' })).toMatchObject({ exitCode: 0 });
    for (const program of ['../x', '/bin/cat', 'a/../../x']) {
      await expect(run(executables, { ...request('other:v2'), program })).rejects.toThrow(
        'does not lie in the directory',
      );
    }
    expect(await run(executables, request('other:v2'))).toBeUndefined();
  });

  it('that is not there fails the function', async () => {
    writeFileSync(table, 'fn /nowhere/program\n');
    const outcome = await run(executables, request('fn:v1'));
    expect(outcome).toMatchObject({ exitCode: 127, stderr: expect.stringContaining('/nowhere/program') });
  });
});

/** Behaves as the command of an engine, and writes down how it was called. */
const engineScript = `
echo "$@" >> "$LOG"
case "$1" in
  run) for last in "$@"; do :; done
    case "$last" in
      *missing*) echo "no such image" >&2; exit 125;;
      *hang*) exec sleep 1000;;
      *) cat
        for each in "$@"; do
          case "$each" in --env-file=*) ls -l "\${each#*=}" | cut -c1-10 >&2; cat "\${each#*=}" >&2;; esac
        done;;
    esac;;
  rm) exit 0;;
esac`;

describe('a container', () => {
  let log: string;
  let containers: ContainerEvaluator;

  beforeAll(() => {
    log = join(directory, 'log');
    containers = new ContainerEvaluator({
      runner: brokerPrograms(processes),
      engine: script('engine', engineScript),
      environment: { LOG: log },
      prefixes: ['r.io/fn'],
    });
  });

  const calls = () => readFileSync(log, 'utf8').trim().split('\n');

  it('is shut in, and gets the variables of its rule without showing them', async () => {
    const outcome = await run(containers, { ...request('r.io/fn/a:v1'), environment: { SETTING: 'a secret' } });
    expect(outcome).toMatchObject({ resourceList: list, exitCode: 0, stderr: '-rw-------\nSETTING=a secret\n' });
    const [call = ''] = calls();
    const file = /--env-file=(\S+)/.exec(call)?.[1] ?? '';
    expect(existsSync(file)).toBe(false);
    expect(call.replace(/porch-fn-[-0-9a-f]+/, 'NAME').replace(file, 'FILE')).toBe(
      'run --rm --interactive --name=NAME --network=none --read-only --tmpfs=/tmp:rw,nosuid,nodev,size=64m ' +
        '--user=65534:65534 --cap-drop=ALL --security-opt=no-new-privileges --memory=536870912 --memory-swap=536870912 ' +
        '--pids-limit=256 --env-file=FILE r.io/fn/a:v1',
    );
  });

  it('does not tell the engine what to do by the variables of its rule', async () => {
    const before = calls().length;
    const environment = { LOG: '/dev/null', PATH: '/nowhere', DOCKER_HOST: 'tcp://elsewhere.example:2375' };
    await run(containers, { ...request('r.io/fn/a:v1'), environment });
    expect(calls()).toHaveLength(before + 1);
  });

  it.each([
    [{ 'A=B': 'c' }, 'no name'],
    [{ 'A\nB': 'c' }, 'no name'],
    [{ A: 'b\nC=d' }, 'single line'],
  ])('is not run with the variables %j', async (environment, message) => {
    await expect(run(containers, { ...request('r.io/fn/a:v1'), environment })).rejects.toThrow(message);
  });

  it('of another registry is run only where a rule says so', async () => {
    expect(await run(containers, request('r.io/fnx/a:v1'))).toBeUndefined();
    expect(await run(containers, request('a:v1'))).toBeUndefined();
    expect(await run(containers, { ...request('other.io/a:v1'), isTrusted: true })).toMatchObject({ exitCode: 0 });
  });

  it('that hangs is removed, not only the command', async () => {
    await expect(run(containers, request('r.io/fn/hang', { timeoutMs: 300 }))).rejects.toThrow('took more than 0.3 s');
    const [begun, removed] = calls().slice(-2);
    expect(removed).toBe(`rm --force ${/--name=(\S+)/.exec(begun ?? '')?.[1]}`);
  });

  it('that cannot be removed fails with the first reason', async () => {
    const engine = script('broken', 'rm "$0"; exec sleep 1000');
    const broken = new ContainerEvaluator({
      runner: brokerPrograms(processes),
      engine,
      environment: {},
      prefixes: ['r.io/fn'],
    });
    await expect(run(broken, request('r.io/fn/a', { timeoutMs: 300 }))).rejects.toThrow('took more than 0.3 s');
    await expect(run(broken, request('r.io/fn/a'))).rejects.toThrow(
      `it could not be run: ${engine} could not be started: spawn ${engine} ENOENT`,
    );
  });

  it('that the engine cannot run fails with what it said', async () => {
    await expect(run(containers, request('r.io/fn/missing'))).rejects.toThrow(/could not run it: no such image$/);
  });
});

const engines = ['docker', 'podman', 'nerdctl'].filter((engine) => spawnSync(engine, ['info']).status === 0);
if (engines.length === 0) console.warn('a real container is skipped: no docker, podman or nerdctl answers');

it.skipIf(engines.length === 0).each(engines)('a real container of %s runs', async (engine) => {
  const { PATH = '', HOME = '' } = process.env;
  const containers = new ContainerEvaluator({
    runner: brokerPrograms(processes),
    engine,
    environment: { PATH, HOME },
    prefixes: ['ghcr.io/kptdev/krm-functions-catalog'],
  });
  const image = 'ghcr.io/kptdev/krm-functions-catalog/no-op:latest';
  expect(await run(containers, request(image))).toMatchObject({ exitCode: 0 });
});
