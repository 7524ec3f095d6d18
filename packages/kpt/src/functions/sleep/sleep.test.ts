import { expect, it } from 'vitest';
import { configMap, functionConfig, runFunction } from '../../testing/run-function.ts';
import { sleep } from './sleep.ts';

const pod = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: p # mine\n';

it.each([
  [{ duration: '3ms' }, '3ms', 3],
  [{ duration: ' 1.5ms ' }, '1.5ms', 1.5],
  [{ duration: '0' }, '0s', 0],
  [{ duration: '-1h' }, '-1h0m0s', 0],
  [{ duration: '2ms', sleepSeconds: '100' }, '2ms', 2],
  [{ sleepSeconds: '0' }, '0s', 0],
  [{ sleepSeconds: '-5' }, '-5s', 0],
])('waits as %j says', (data, text, milliseconds) => {
  expect(sleep.run({ items: [], config: configMap(data) })).toEqual({
    results: [],
    isRepeatable: false,
    heldMs: milliseconds,
    stderr: `Sleeping for ${text}...\nSleep completed.`,
  });
});

it('changes nothing', () => {
  expect(runFunction(sleep, pod, configMap({ duration: '0s' })).text).toBe(pod);
});

it.each([
  [configMap({ duration: 'soon' }), "couldn't parse `duration` field of functionConfig: invalid duration"],
  [configMap({ sleepSeconds: '1.5' }), '`sleepSeconds` field of functionConfig: "1.5" is not a whole number'],
  [configMap({ other: '1' }), 'contains neither `duration` nor `sleepSeconds`'],
  [functionConfig('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n'), "FunctionConfig's data field"],
])('refuses %#', (config, reason) => {
  expect(runFunction(sleep, pod, config).failed).toContain(reason);
});
