import { X509Certificate } from 'node:crypto';
import type { KeyPair, Metrics, Reading } from '@porch/apiserver';
import type { Renewed } from './renewed.ts';

/** What is looked at: `bundle`, PEM, begins with the authority that signs; absent where somebody else's does. */
interface Shown {
  readonly server: KeyPair;
  readonly bundle?: string;
}

function ending(certificate: 'serving' | 'authority', pem: string): Reading<'certificate'> {
  return [{ certificate }, Date.parse(new X509Certificate(pem).validTo) / 1000];
}

/** Tells when the certificates end that the server shows at the time. */
export function observeCertificates(certificates: Pick<Renewed<Shown>, 'current'>, metrics: Metrics): void {
  metrics.observedGauge<'certificate'>(
    {
      name: 'porch_certificate_expiration_timestamp_seconds',
      help: 'When certificates end that are to be renewed before; certificate serving or authority (the one that signs, where the server has its own).',
      labels: ['certificate'],
    },
    () => {
      const { server, bundle } = certificates.current;
      return [ending('serving', server.certificate), ...(bundle === undefined ? [] : [ending('authority', bundle)])];
    },
  );
}
