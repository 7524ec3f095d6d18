import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { freePorts } from './free-ports.ts';

const range = '/proc/sys/net/ipv4/ip_local_port_range';

it.skipIf(!existsSync(range))('free ports are none that the system gives to others meanwhile', async () => {
  const [least = 0, most = 0] = readFileSync(range, 'utf8').split(/\s+/).map(Number);
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  expect(ports.filter((port) => port >= least && port <= most)).toEqual([]);
});
