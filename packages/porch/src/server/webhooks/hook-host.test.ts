import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { type HookHost, hookHosts } from './hook-host.ts';

function host(name: HookHost['name']): HookHost {
  const found = hookHosts.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no host ${name}`);
  return found;
}

// The example of GitHub's documentation; Gitea signs in the same way.
const secret = "It's a Secret to Everybody";
const body = Buffer.from('Hello, World!');
const signature = '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';

test.each([
  ['github', { 'x-hub-signature-256': `sha256=${signature}` }],
  ['gitea', { 'x-gitea-signature': signature }],
  ['gitlab', { 'x-gitlab-token': secret }],
] as const)('%s: only who knows the secret is authentic', (name, headers) => {
  const { isAuthentic } = host(name);
  expect(isAuthentic(headers, body, secret)).toBe(true);
  expect(isAuthentic(headers, body, 'another secret')).toBe(false);
  expect(isAuthentic({}, body, secret)).toBe(false);
  const [[key, value] = ['', '']] = Object.entries(headers);
  expect(isAuthentic({ [key]: value.slice(0, -1) }, body, secret)).toBe(false);
  expect(isAuthentic({ [key]: [value, value] }, body, secret)).toBe(false);
  if (name !== 'gitlab') expect(isAuthentic(headers, Buffer.from('Hello, World?'), secret)).toBe(false);
});

test('of a form GitHub signs all, and Gitea what the field payload holds', () => {
  const form = Buffer.from(new URLSearchParams({ payload: body.toString() }).toString());
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const signatureOf = (bytes: Buffer) => createHmac('sha256', secret).update(bytes).digest('hex');
  const gitea = (bytes: Buffer) =>
    host('gitea').isAuthentic({ ...type, 'x-gitea-signature': signatureOf(bytes) }, form, secret);
  expect([gitea(body), gitea(form)]).toEqual([true, false]);
  const github = (bytes: Buffer) =>
    host('github').isAuthentic({ ...type, 'x-hub-signature-256': `sha256=${signatureOf(bytes)}` }, form, secret);
  expect([github(body), github(form)]).toEqual([false, true]);
});

test.each([
  ['github', 'x-github-event', ['push', 'create', 'delete'], ['ping', 'pull_request', 'Push']],
  ['gitea', 'x-gitea-event', ['push', 'create', 'delete'], ['issues']],
  ['gitlab', 'x-gitlab-event', ['Push Hook', 'Tag Push Hook', 'System Hook'], ['Pipeline Hook', 'push']],
] as const)(
  '%s: references may have changed after a push of branches or tags, and nothing else',
  (name, header, after, not) => {
    const { event, pushes } = host(name);
    const isPush = (value: string) => pushes.has(event({ [header]: value }));
    expect(after.filter((one) => !isPush(one))).toEqual([]);
    expect(not.filter(isPush)).toEqual([]);
    expect(pushes.has(event({}))).toBe(false);
  },
);

test('a form costs next to nothing, whatever fields are in it', () => {
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const { isAuthentic } = host('gitea');
  const fits = 2 * 1024 * 1024;
  for (const field of ['a&', '%41&', 'payload&', 'a=b&', 'payload=%41&']) {
    const many = field.repeat(fits / field.length);
    expect(isAuthentic({ ...type, 'x-gitea-signature': 'x' }, Buffer.from(many), secret)).toBe(false);
    const signed = createHmac('sha256', secret).update(body).digest('hex');
    const last = Buffer.from(
      `${many.replaceAll('payload=', 'other=')}payload=${encodeURIComponent(body.toString())}&b=c`,
    );
    expect(isAuthentic({ ...type, 'x-gitea-signature': signed }, last, secret)).toBe(true);
  }
});
