import { Option } from 'commander';
import { defaultSettings } from '../server/settings.ts';
import { PathOption } from './path-options.ts';

const flag = '--data-dir <dir>';
const meaning = 'data directory of the server';

/** The flag of commands that make or check the server's data directory themselves. */
export function dataDirOption(): Option {
  return complete(new Option(flag, meaning));
}

/** The flag by which commands find the data directory that a server has made. */
export function madeDataDirOption(): Option {
  return complete(new PathOption(flag, meaning, 'the data directory of a server'));
}

function complete(option: Option): Option {
  return option.default(defaultSettings.dataDirectory).env('PORCH_DATA_DIR');
}
