import type { OpenEndpoint } from '@porch/apiserver';
import { requestSync } from '../../cache/sync-requests.ts';
import type { EngineParts } from '../../engine/parts.ts';
import type { Composition } from '../composition.ts';
import { createNoticeCounter, webhookEndpoints } from './webhook-endpoints.ts';
import { openWebhookSecrets } from './webhook-secrets.ts';

/**
 * What Git hosts may post to; nothing where no secrets are given.
 * @throws StartupError when the file with the secrets cannot be used
 */
export async function openWebhooks(
  { settings, logger, metrics }: Composition,
  parts: EngineParts,
): Promise<readonly OpenEndpoint[]> {
  const notices = createNoticeCounter(metrics);
  if (settings.webhookSecretFile === '') return [];
  const secrets = await openWebhookSecrets(settings.webhookSecretFile, logger);
  return webhookEndpoints({
    secrets: () => secrets.current(),
    registered: () => parts.registrations.list(),
    requestSync: (namespace, name, by) => requestSync(parts, namespace, name, by),
    notices,
    logger,
  });
}
