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

test('the environment sets what no flag sets', () => {
  vi.stubEnv('PORCH_DENIED_GIT_HOSTS', '192.0.2.0/24');
  expect(parse().gitHosts.denied).toEqual(['192.0.2.0/24']);
});
