import { Command } from 'commander';
import { afterEach, expect, test, vi } from 'vitest';
import { addControllersOptions, controllersSettingsOf } from './controllers-options.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

function parse(...args: string[]) {
  const command = addControllersOptions(new Command('controllers')).exitOverride();
  command.configureOutput({ writeErr: () => {} }).parse(args, { from: 'user' });
  return controllersSettingsOf(command, {});
}

test('controllers are bounded as servers are: the hosts of repositories, how many are read at once, and how long', () => {
  expect(
    parse(
      '--allowed-git-hosts=*.example.com',
      '--denied-git-hosts=10.0.0.0/8',
      '--max-concurrent-lists=3',
      '--list-timeout-per-repository=30s',
    ),
  ).toMatchObject({
    gitHosts: { allowed: ['*.example.com'], denied: ['10.0.0.0/8'] },
    maxConcurrentLists: 3,
    listTimeoutPerRepositoryMs: 30_000,
  });
});

test('what has no effect is refused', () => {
  expect(() => parse('--trace-sampling-ratio=0.5')).toThrowError(
    '--trace-sampling-ratio has no effect without --otlp-endpoint',
  );
  expect(parse('--trace-sampling-ratio=0.5', '--otlp-endpoint=http://collector:4318').tracing.samplingRatio).toBe(0.5);
});

test('the environment sets what no flag sets', () => {
  vi.stubEnv('PORCH_DENIED_GIT_HOSTS', '192.0.2.0/24');
  expect(parse().gitHosts.denied).toEqual(['192.0.2.0/24']);
});
