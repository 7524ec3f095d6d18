import type { Value } from '../values/value.ts';
import { base64Module } from './base64.ts';
import { csvModule } from './csv.ts';
import { hashModule } from './hash.ts';
import { jsonModule } from './json/json-module.ts';
import { mathModule } from './math.ts';
import { reModule } from './re.ts';
import { timeModule } from './time/time-module.ts';
import { UnavailableLibrary, unavailableFunction } from './unavailable.ts';
import { yamlModule } from './yaml.ts';

const noNetwork = 'programs have no access to the network';
const notIncluded = 'this implementation does not include it';

/**
 * The modules that programs can load.
 *
 * @param now - the time that `time.now()` gives, in nanoseconds since 1970
 */
export function standardModules(now: () => bigint): ReadonlyMap<string, () => Readonly<Record<string, Value>>> {
  const unavailable = (name: string, reason: string) => () => ({ [name]: new UnavailableLibrary(name, reason) });
  return new Map<string, () => Readonly<Record<string, Value>>>([
    ['encoding/base64.star', base64Module],
    ['encoding/csv.star', csvModule],
    ['encoding/json.star', jsonModule],
    ['encoding/yaml.star', yamlModule],
    ['hash.star', hashModule],
    ['math.star', mathModule],
    ['re.star', reModule],
    ['time.star', () => timeModule(now)],
    ['bsoup.star', unavailable('bsoup', notIncluded)],
    ['geo.star', unavailable('geo', notIncluded)],
    ['html.star', unavailable('html', notIncluded)],
    ['http.star', unavailable('http', noNetwork)],
    ['xlsx.star', unavailable('xlsx', notIncluded)],
    ['zipfile.star', () => ({ ZipFile: unavailableFunction('ZipFile', notIncluded) })],
  ]);
}
