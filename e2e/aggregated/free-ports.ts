import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** Ports that are free at this moment, all different. Programs that take port 0 do not need this. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => once(server.listen(0, '0.0.0.0'), 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
