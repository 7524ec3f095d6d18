import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type DataFiles, readIfThere } from '../data-files.ts';
import { StartupError } from '../startup-error.ts';
import { serverAddress } from './server-address.ts';

/** An answer with a code that was expected. */
export interface AdminAnswer {
  readonly code: number;
  /** The parsed body. */
  readonly body: unknown;
}

/** Speaks to the running server of a data directory as its administrator. */
export interface AdminClient {
  /** @throws StartupError with what the server said, for codes that are not in `accept` */
  send(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    options: { readonly body?: unknown; readonly accept: readonly number[] },
  ): Promise<AdminAnswer>;
  close(): void;
}

async function needed(path: string): Promise<string> {
  const found = await readIfThere(path);
  if (found === undefined) throw new StartupError(`${path} is missing; start the server once, it makes the file`);
  return found;
}

function messageOf(body: string): string {
  try {
    return String((JSON.parse(body) as { message?: unknown }).message ?? body);
  } catch (error) {
    if (error instanceof SyntaxError) return body;
    throw error;
  }
}

/** Opens a client with the certificates in the data directory. @throws StartupError when they are missing */
export async function openAdminClient(files: DataFiles): Promise<AdminClient> {
  const address = await serverAddress(files);
  const agent = new Agent({
    ca: await needed(join(files.pki, 'ca.crt')),
    cert: await needed(join(files.pki, 'admin.crt')),
    key: await needed(join(files.pki, 'admin.key')),
    keepAlive: true,
  });
  const ask = async (method: string, path: string, body: string | undefined): Promise<IncomingMessage> => {
    const headers = { accept: 'application/json', 'content-type': 'application/json', 'user-agent': 'porch' };
    const outgoing = httpsRequest(`${address}${path}`, { agent, method, headers });
    const answered = once(outgoing, 'response');
    outgoing.end(body);
    const [incoming] = await answered;
    return incoming as IncomingMessage;
  };
  return {
    async send(method, path, { body, accept }) {
      let incoming: IncomingMessage;
      let answer: string;
      try {
        incoming = await ask(method, path, body === undefined ? undefined : JSON.stringify(body));
        answer = await text(incoming);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new StartupError(`the server at ${address} does not answer: ${why}; try again when it is ready`, {
          cause: error,
        });
      }
      const code = incoming.statusCode ?? 0;
      if (!accept.includes(code)) throw new StartupError(`the server answered with ${code}: ${messageOf(answer)}`);
      return { code, body: JSON.parse(answer) };
    },
    close: () => agent.destroy(),
  };
}
