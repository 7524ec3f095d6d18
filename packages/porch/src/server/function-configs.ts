import { FunctionConfigController } from '../controllers/function-config-controller.ts';
import type { Composition } from './composition.ts';
import { functionAbilities } from './function-abilities.ts';
import type { Sharing } from './open-sharing.ts';
import type { Sources } from './sources.ts';

/** Under this name the status of FunctionConfigs is claimed. */
const statusLease = 'function-configs';

/**
 * Keeps the status of FunctionConfigs. Of several servers one does: they need not be able to do the same, as while they are restarted one
 * by one with other flags or another version, and would contradict each other without end.
 */
export function followFunctionConfigs(
  { settings, logger, onClose }: Pick<Composition, 'settings' | 'logger' | 'onClose'>,
  { functionConfigs: configs }: Pick<Sources, 'functionConfigs'>,
  { ownership }: Pick<Sharing, 'ownership'>,
): void {
  const abilities = functionAbilities(settings.functions);
  let controller: FunctionConfigController | undefined;
  const claim = ownership.claim(statusLease, {
    begin() {
      controller = new FunctionConfigController({ configs, abilities, logger, retryMs: 10_000 });
      controller.start();
    },
    async end() {
      await controller?.close();
      controller = undefined;
    },
  });
  onClose(() => claim.release());
}
