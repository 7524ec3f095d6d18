import { afterAll, beforeAll, expect, it } from 'vitest';
import { http1Client, http2Client } from '../http/trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from '../http/trial-server.test-support.ts';
import { createCertificateAuthenticator, withAuthenticatedGroup } from './authenticators.ts';
import { systemMasters } from './user.ts';

const dayMs = 24 * 3_600_000;

let now = Date.now();
let trial: TrialServer;
beforeAll(async () => {
  trial = await startTrialServer({ authenticators: [createCertificateAuthenticator(() => now)] });
});
afterAll(() => trial.close());

it.each([http1Client, http2Client])(
  'a certificate counts while it is valid, also on an open connection (%o)',
  async (connect) => {
    const days = 2;
    const client = connect(
      trial,
      await trial.authority.issueClientCertificate({ name: 'a', groups: [systemMasters], days }),
    );
    const statusAt = async (time: number): Promise<number> => {
      now = time;
      return (await client.send('/api')).status;
    };
    const today = Date.now();
    expect(await statusAt(today - dayMs)).toBe(401);
    expect([await statusAt(today), await statusAt(today + dayMs)]).toEqual([200, 200]);
    expect(await statusAt(today + 3 * dayMs)).toBe(401);
    client.close();
  },
);

it('everybody who is known is in the group of those, and nobody else', () => {
  const groupsOf = (name: string, ...groups: string[]) => withAuthenticatedGroup({ name, groups }).groups;
  expect(groupsOf('jane', 'dev')).toEqual(['dev', 'system:authenticated']);
  expect(groupsOf('jane', 'system:authenticated', 'dev')).toEqual(['system:authenticated', 'dev']);
  expect(groupsOf('jane', 'system:unauthenticated')).toEqual(['system:unauthenticated']);
  expect(groupsOf('system:anonymous')).toEqual([]);
});
