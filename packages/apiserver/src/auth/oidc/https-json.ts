import { Agent, request } from 'node:https';

/** How a document is fetched. */
export interface HttpsJsonOptions {
  /** Certificates (PEM) that the server's is checked against; those of Node.js when left out. */
  readonly ca?: string | Buffer;
  /** Variables of an environment that name proxies: `https_proxy` and `no_proxy`, in either case. None unless told. */
  readonly proxies?: Readonly<Record<string, string>>;
  /** Longest time for all of it, in milliseconds. */
  readonly timeoutMs: number;
  readonly mostBytes: number;
}

function agentWith(proxies: Readonly<Record<string, string>>): Agent {
  try {
    return new Agent({ proxyEnv: proxies });
  } catch {
    // Without its cause, which has the password of the proxy.
    throw new Error('the proxy that the environment names has no valid URL');
  }
}

/**
 * The JSON document at a URL of HTTPS. Redirects are not followed.
 * @throws Error that says what went wrong
 */
export function fetchHttpsJson(url: string, options: HttpsJsonOptions): Promise<unknown> {
  const { ca, proxies = {}, timeoutMs, mostBytes } = options;
  const signal = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(signal.aborted ? new Error(`no answer within ${timeoutMs} ms`, { cause: error }) : error);
    const agent = agentWith(proxies);
    const headers = { accept: 'application/json' };
    const sent = request(url, { ...(ca === undefined ? {} : { ca }), agent, signal, headers });
    sent.on('error', fail);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('error', fail);
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > mostBytes) response.destroy(new Error(`the answer has more than ${mostBytes} bytes`));
        else chunks.push(chunk);
      });
      response.on('end', () => {
        if (response.statusCode !== 200) return reject(new Error(`the answer has status ${response.statusCode}`));
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
        } catch (error) {
          reject(new Error('the answer is not JSON', { cause: error }));
        }
      });
    });
    sent.end();
  });
}
