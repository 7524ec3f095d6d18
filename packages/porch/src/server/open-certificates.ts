import type { ServingTls } from '@porch/apiserver';
import { authorityPlace } from './certificates/authority-place.ts';
import { observeCertificates } from './certificates/certificate-metrics.ts';
import { type Identity, openIdentity } from './certificates/identity.ts';
import { openRenewed, type Renewed } from './certificates/renewed.ts';
import type { Composition } from './composition.ts';
import type { ServerData } from './open-data.ts';
import type { ServerState } from './open-state.ts';

/** The certificates of a standalone server and of its administrator, which are renewed while it runs. */
export async function openCertificates(
  composition: Composition,
  data: ServerData,
  state: ServerState,
): Promise<Renewed<Identity>> {
  const { settings, logger, clock, metrics, onClose } = composition;
  const hosts = [...new Set([settings.listen.host, ...settings.tlsSans])];
  const parts = { files: data.files, place: authorityPlace(composition, data, state), hosts, clock, logger };
  const certificates = await openRenewed({ load: () => openIdentity(parts), logger });
  onClose(() => certificates.close());
  observeCertificates(certificates, metrics);
  return certificates;
}

/** What such a server shows to its clients, and by which authorities it verifies them. */
export function servingTls({ server, bundle }: Identity): ServingTls {
  return { key: server.key, cert: server.certificate, clientCa: bundle };
}
