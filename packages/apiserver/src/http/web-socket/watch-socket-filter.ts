import type { Filter } from '../filter.ts';
import { checkOrigin, takeToken } from './handshake.ts';
import { SocketResponse } from './socket-response.ts';

/** Finds out who asks for a watch as a WebSocket, where browsers say it in their own way. Stands before authentication. */
export const watchSocketFilter: Filter = async ({ response, headers }, next) => {
  if (response instanceof SocketResponse) {
    takeToken(headers);
    checkOrigin(headers);
  }
  await next();
};
