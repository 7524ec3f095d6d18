import { builtInFunctions } from '@porch/kpt';
import type { FunctionAbilities } from '../controllers/function-config-controller.ts';
import type { FunctionSettings } from './function-settings.ts';

/** What a server with these settings is able to do with FunctionConfigs. */
export function functionAbilities(settings: FunctionSettings): FunctionAbilities {
  const { disabled, programDirectory, runner, containerEngine } = settings;
  const [grpc, container] = (['grpc', 'container'] as const).map((name) => !disabled.includes(name));
  return {
    builtIn: new Set(disabled.includes('builtin') ? [] : builtInFunctions.keys()),
    runsPrograms: programDirectory !== '' && !disabled.includes('exec'),
    runsContainers: (grpc === true && runner !== '') || (container === true && containerEngine !== ''),
  };
}
