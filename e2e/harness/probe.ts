import { request } from 'node:https';
import { text } from 'node:stream/consumers';

/** Asks as a kubelet's probe does: over HTTP/1.1, and whatever the certificate. */
export function probe(url: string): Promise<{ readonly status: number | undefined; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { rejectUnauthorized: false, agent: false }, (answer) => {
      text(answer).then((body) => resolve({ status: answer.statusCode, body }), reject);
    });
    asked.once('error', reject).end();
  });
}
