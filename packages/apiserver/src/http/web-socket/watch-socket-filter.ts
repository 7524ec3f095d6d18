import { statusErrors } from '../../meta/status.ts';
import type { Filter } from '../filter.ts';
import { foreignOrigin, takeToken } from './handshake.ts';
import { SocketResponse } from './socket-response.ts';

/**
 * Finds out how the sender of a request for a watch as a WebSocket may say who they are. Browsers send certificates for whichever page
 * asks, and let every page open WebSockets to everywhere: of a page of another origin nothing counts but its token. Stands before
 * authentication.
 */
export const socketTokenFilter: Filter = async (exchange, next) => {
  const { response, headers } = exchange;
  if (response instanceof SocketResponse) {
    takeToken(headers);
    if (headers.authorization !== undefined && foreignOrigin(headers) !== undefined) exchange.onlyByToken = true;
  }
  await next();
};

/** Refuses watches as WebSockets to pages of other origins that have shown no token. Stands behind authentication. */
export const socketOriginFilter: Filter = async ({ response, headers, onlyByToken }, next) => {
  if (response instanceof SocketResponse && onlyByToken !== true) {
    const origin = foreignOrigin(headers);
    if (origin !== undefined) {
      const message = `pages of ${origin} may open WebSockets to this server only with a token, as a subprotocol`;
      throw statusErrors.forbidden({ group: '', resource: 'websockets' }, '', message);
    }
  }
  await next();
};
