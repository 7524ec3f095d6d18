import { Command, Option } from 'commander';
import type { Settings } from '../server/settings.ts';
import { databaseUrlOption } from './database-options.ts';
import { listenArgument } from './listen-address.ts';
import { addServeOptions, settingsOf } from './serve-options.ts';

/** Flags that mean the same as with `porch serve`. */
const shared: ReadonlySet<string> = new Set([
  '--encryption-key-file',
  '--lease-duration',
  '--push-drafts',
  '--repo-sync-frequency',
  '--cleanup-frequency',
  '--allow-local-repositories',
  '--allowed-git-hosts',
  '--denied-git-hosts',
  '--max-concurrent-lists',
  '--list-timeout-per-repository',
  '--otlp-endpoint',
  '--trace-sampling-ratio',
  '--log-level',
  '--log-format',
]);

const defaults = { dataDir: '.porch-controllers', listen: { host: '127.0.0.1', port: 9444 } } as const;

/** Adds the flags of `porch controllers`; each can also be given as an environment variable. */
export function addControllersOptions(command: Command): Command {
  command
    .addOption(
      new Option('--data-dir <dir>', 'directory for mirrors, not that of a server')
        .default(defaults.dataDir)
        .env('PORCH_CONTROLLERS_DATA_DIR'),
    )
    .addOption(
      new Option('--listen <host:port>', 'address of /livez, /readyz and /metrics, over plain HTTP; port 0 takes any')
        .default(defaults.listen, `${defaults.listen.host}:${defaults.listen.port}`)
        .env('PORCH_CONTROLLERS_LISTEN')
        .argParser(listenArgument),
    )
    .addOption(databaseUrlOption('work for the servers on', 'none: it has to be given'));
  for (const option of addServeOptions(new Command('serve')).options) {
    if (shared.has(option.long ?? '')) command.addOption(option);
  }
  return command;
}

/** The settings that a parsed `porch controllers` and the environment stand for. */
export function controllersSettingsOf(command: Command, env: NodeJS.ProcessEnv): Settings {
  const all = addServeOptions(new Command('serve')).copyInheritedSettings(command);
  for (const [name, value] of Object.entries(command.opts())) {
    all.setOptionValueWithSource(name, value, command.getOptionValueSource(name));
  }
  return settingsOf(all, env);
}
