import type { Composition } from '../composition.ts';
import { isShared } from '../database-url.ts';
import { authorityFiles, openServing } from '../identity.ts';
import type { ServerData } from '../open-data.ts';
import type { ServerState } from '../open-state.ts';
import { openServingCertificate, readCertificateFiles, type ServingCertificate } from '../serving-certificate.ts';
import type { ClusterSettings } from '../settings.ts';
import { storedAuthority } from '../stored-authority.ts';
import { serviceHosts } from './names.ts';
import type { Cluster } from './open-cluster.ts';
import { publishAuthority } from './publish-authority.ts';

const fileEveryMs = 10_000;
const renewalEveryMs = 3_600_000;

/**
 * The certificate that a kube-apiserver sees: from files that somebody else keeps current, or of the server's own authority, which
 * is told to the cluster and renews the certificate in time. Servers on one database have one authority.
 */
export async function openCertificate(
  { settings, logger, clock, onClose }: Composition,
  { tls }: ClusterSettings,
  { client, namespace }: Cluster,
  { files }: ServerData,
  state: ServerState,
): Promise<ServingCertificate> {
  if (tls.cert !== '') {
    const load = () => readCertificateFiles(tls);
    const certificate = await openServingCertificate({ load, everyMs: fileEveryMs, logger });
    onClose(() => certificate.close());
    return certificate;
  }
  const place = isShared(settings.database) ? storedAuthority(state) : authorityFiles(files);
  const hosts = [...new Set([settings.listen.host, ...serviceHosts(namespace), ...settings.tlsSans])];
  const own = () => openServing(files, place, hosts, clock);
  const load = async () => (await own()).server;
  const certificate = await openServingCertificate({ load, everyMs: renewalEveryMs, logger });
  onClose(() => certificate.close());
  const { authority } = await own();
  onClose(publishAuthority(client, authority.certificate, logger));
  return certificate;
}
