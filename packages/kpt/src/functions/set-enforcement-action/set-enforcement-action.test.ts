import { expect, it } from 'vitest';
import { configMap, runFunction } from '../../testing/run-function.ts';
import { setEnforcementAction } from './set-enforcement-action.ts';

const policy = 'apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: Ban\nmetadata:\n  name: ban\n';
const other = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n';

it.each([
  ['deny', '', 'spec:\n  enforcementAction: deny\n'],
  ['warn', 'spec:\n  enforcementAction: deny # for now\n', 'spec:\n  enforcementAction: warn # for now\n'],
  ['dryrun', 'spec:\n  match: {}\n', 'spec:\n  match: {}\n  enforcementAction: dryrun\n'],
])('sets %s', (enforcementAction, before, after) => {
  const run = runFunction(setEnforcementAction, `${policy}${before}---\n${other}`, configMap({ enforcementAction }));
  expect(run.text).toBe(`${policy}${after}---\n${other}`);
  expect(run.results).toEqual([
    { message: `Number of policies set to [${enforcementAction}]: 1`, severity: 'info' },
    { message: 'Policy name: [ban]', severity: 'info', file: { path: 'resources.yaml' } },
  ]);
});

it('warns where there is no constraint', () => {
  const run = runFunction(setEnforcementAction, other, configMap({ enforcementAction: 'deny' }));
  expect(run.results).toEqual([{ message: 'Found no policy to set to [deny]', severity: 'warning' }]);
});

it.each([
  [undefined, 'expecting exactly 1 enforcementAction as part of the ConfigMap'],
  [
    configMap({ enforcementAction: 'deny', more: 'x' }),
    'expecting exactly 1 enforcementAction as part of the ConfigMap',
  ],
  [configMap({ enforcementAction: 'allow' }), 'expected values for enforcementAction are [deny] or [warn] or [dryrun]'],
  [configMap({ action: 'deny' }), 'expected values for enforcementAction are [deny] or [warn] or [dryrun]'],
])('refuses %#', (config, reason) => {
  const run = runFunction(setEnforcementAction, policy, config);
  expect(run.text).toBe(policy);
  expect(run.failed).toBe(reason);
  expect(run.results).toEqual([{ message: `failed to process policies: ${reason}`, severity: 'error' }]);
});
