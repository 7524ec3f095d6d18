import type { KeyPair } from '@porch/apiserver';
import { authorityPlace } from '../certificates/authority-place.ts';
import { readCertificateFiles } from '../certificates/certificate-files.ts';
import { observeCertificates } from '../certificates/certificate-metrics.ts';
import { openServing } from '../certificates/identity.ts';
import { openRenewed, type Renewed } from '../certificates/renewed.ts';
import type { Composition } from '../composition.ts';
import type { ServerData } from '../open-data.ts';
import type { ServerState } from '../open-state.ts';
import type { ClusterSettings } from '../settings.ts';
import { serviceHosts } from './names.ts';
import type { Cluster } from './open-cluster.ts';
import { publishAuthorities } from './publish-authorities.ts';

/**
 * The certificate that a kube-apiserver sees: from files that somebody else keeps current, or of the server's own authority, which
 * is told to the cluster and renews the certificate in time. Servers on one database have one authority.
 */
export async function openCertificate(
  composition: Composition,
  { tls }: ClusterSettings,
  { client, namespace }: Cluster,
  data: ServerData,
  state: ServerState,
): Promise<Renewed<{ readonly server: KeyPair }>> {
  const { settings, logger, clock, metrics, onClose } = composition;
  if (tls.cert !== '') {
    const load = async () => ({ server: await readCertificateFiles(tls) });
    const certificate = await openRenewed({ load, logger });
    onClose(() => certificate.close());
    observeCertificates(certificate, metrics);
    return certificate;
  }
  const hosts = [...new Set([settings.listen.host, ...serviceHosts(namespace), ...settings.tlsSans])];
  const parts = { files: data.files, place: authorityPlace(composition, data, state), hosts, clock, logger };
  const certificate = await openRenewed({ load: () => openServing(parts), logger });
  onClose(() => certificate.close());
  observeCertificates(certificate, metrics);
  const publisher = publishAuthorities(client, certificate.current.bundle, logger);
  onClose(() => publisher.close());
  // Before anybody is shown what only the new ones verify.
  certificate.onChange(({ bundle }) => publisher.publish(bundle));
  return certificate;
}
