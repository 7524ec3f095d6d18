import { type Command, Option } from 'commander';
import { defaultSettings, logFormats, logLevels, type Settings } from '../server/settings.ts';

/** The flags of `addLogOptions`, parsed. */
export interface LogFlags {
  readonly logLevel: Settings['logLevel'];
  readonly logFormat: Settings['logFormat'];
}

/** Adds the flags that say what is logged, and how. */
export function addLogOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--log-level <level>', 'least severe messages to log')
        .choices(logLevels)
        .default(defaultSettings.logLevel)
        .env('PORCH_LOG_LEVEL'),
    )
    .addOption(
      new Option('--log-format <format>', 'how messages are written')
        .choices(logFormats)
        .default(defaultSettings.logFormat)
        .env('PORCH_LOG_FORMAT'),
    );
}
