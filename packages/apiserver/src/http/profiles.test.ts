import { afterAll, beforeAll, expect, it } from 'vitest';
import { http2Client, type TrialClient } from './trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from './trial-server.test-support.ts';

let trial: TrialServer;
let client: TrialClient;
beforeAll(async () => {
  trial = await startTrialServer({ profiling: true });
  client = http2Client(trial, trial.admin);
});
afterAll(async () => {
  client.close();
  await trial.close();
});

it('gives profiles of processor and memory, one at a time', async () => {
  const first = client.send('/debug/pprof/profile?seconds=1');
  const others = client.send('/debug/pprof/heap?seconds=1');
  const [cpu, refused] = await Promise.all([first, others]);
  expect([cpu.status, cpu.json().nodes.length > 0, cpu.json().samples.length > 0]).toEqual([200, true, true]);
  expect([refused.status, refused.json().reason]).toEqual([409, 'Conflict']);
  const heap = await client.send('/debug/pprof/heap?seconds=1');
  expect([heap.status, heap.json().head.callFrame.functionName]).toEqual([200, '(root)']);
  expect(heap.headers['content-disposition']).toBe('attachment; filename="porch.heapprofile"');
});

it('says what there is, and refuses the rest', async () => {
  expect((await client.send('/debug/pprof')).body.toString()).toContain('/debug/pprof/heap');
  expect((await client.send('/debug/pprof/nothing')).status).toBe(404);
  for (const seconds of ['0', '-1', '121', '1.5', 'x']) {
    expect((await client.send(`/debug/pprof/profile?seconds=${seconds}`)).status).toBe(400);
  }
});

it('is for those who may, and only where it is switched on', async () => {
  const identity = await trial.authority.issueClientCertificate({ name: 'nobody', groups: [] });
  const nobody = http2Client(trial, identity);
  expect((await nobody.send('/debug/pprof/profile')).status).toBe(403);
  nobody.close();
  const plain = await startTrialServer();
  const other = http2Client(plain, plain.admin);
  expect((await other.send('/debug/pprof/profile')).status).toBe(404);
  other.close();
  await plain.close();
});
