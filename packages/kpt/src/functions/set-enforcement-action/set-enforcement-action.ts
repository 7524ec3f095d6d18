import type { KrmObject } from '../../yaml/krm-object.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { configData } from '../function-config.ts';
import { failure, fileOf, messageOf, report } from '../reporting.ts';

const constraints = 'constraints.gatekeeper.sh/v1beta1';
const actions = ['deny', 'warn', 'dryrun'];

/** Sets what Gatekeeper does where a constraint is violated. */
export const setEnforcementAction: KrmFunction = { name: 'set-enforcement-action', tags: ['v0.1.0', 'v0.1'], run };

function run({ items, config }: FunctionInput): FunctionOutput {
  let action: string;
  try {
    action = readAction(config);
  } catch (error) {
    const reason = messageOf(error);
    return failure(`failed to process policies: ${reason}`, reason);
  }
  const policies = items.filter(
    ({ apiVersion, kind, name }) => apiVersion === constraints && kind !== '' && name !== '',
  );
  if (policies.length === 0) return { results: [report('warning', `Found no policy to set to [${action}]`)] };
  const results = policies.map((policy) => {
    policy.set(['spec', 'enforcementAction'], action);
    const file = fileOf(policy);
    return { ...report('info', `Policy name: [${policy.name}]`), ...(file && { file }) };
  });
  return { results: [report('info', `Number of policies set to [${action}]: ${policies.length}`), ...results] };
}

/** @throws Error where the configuration is not exactly one of the actions */
function readAction(config: KrmObject | undefined): string {
  const data = configData(config);
  if (data.size !== 1) throw new Error('expecting exactly 1 enforcementAction as part of the ConfigMap');
  const action = data.get('enforcementAction') ?? '';
  if (actions.includes(action)) return action;
  throw new Error(`expected values for enforcementAction are ${actions.map((each) => `[${each}]`).join(' or ')}`);
}
