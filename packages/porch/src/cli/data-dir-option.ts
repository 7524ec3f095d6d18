import { Option } from 'commander';
import { defaultSettings } from '../server/settings.ts';

/** The flag by which commands beside `porch serve` find the server's data directory. */
export function dataDirOption(): Option {
  return new Option('--data-dir <dir>', 'data directory of the server')
    .default(defaultSettings.dataDirectory)
    .env('PORCH_DATA_DIR');
}
