/**
 * The environment of git processes. Nothing of the server's environment reaches git but the search path and the operator's
 * proxies; no user's or system's configuration is read; nothing is asked for; no hook of a mirror runs.
 */

import type { GitSetting } from './messages.ts';

/** Names the data directory's processes, so that those a killed broker left behind can be found. */
export const MARKER_VARIABLE = 'PORCH_DATA_DIRECTORY_ID';

const INHERITED = [
  'PATH',
  'http_proxy',
  'https_proxy',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
] as const;

const SETTINGS: readonly GitSetting[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.logAllRefUpdates', 'false'],
  ['core.fsync', 'committed'],
  ['core.fsyncMethod', 'batch'],
  ['credential.helper', ''],
  // Keeping the pack is durable with one sync to disk and without another process; see MirrorMaintenance.
  ['fastimport.unpackLimit', '1'],
  ['fetch.unpackLimit', '1'],
  ['fetch.recurseSubmodules', 'false'],
  ['fetch.writeCommitGraph', 'false'],
  ['gc.auto', '0'],
  ['http.followRedirects', 'false'],
  ['http.sslVerify', 'true'],
  ['maintenance.auto', 'false'],
  ['protocol.version', '2'],
  ['push.followTags', 'false'],
  ['push.gpgSign', 'false'],
];

/** What of this process's environment git may see. */
export function inheritedEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const inherited: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = environment[name];
    if (value !== undefined && value !== '') inherited[name] = value;
  }
  return inherited;
}

/** The whole environment of one git process. */
export function gitEnvironment(
  base: { readonly inherited: Readonly<Record<string, string>>; readonly home: string; readonly marker: string },
  added: { readonly env?: Readonly<Record<string, string>>; readonly settings?: readonly GitSetting[] },
): Record<string, string> {
  const settings = [...SETTINGS, ...(added.settings ?? [])];
  const environment: Record<string, string> = {
    ...base.inherited,
    HOME: base.home,
    [MARKER_VARIABLE]: base.marker,
    LC_ALL: 'C',
    GIT_ALLOW_PROTOCOL: 'http:https',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    // New repositories are what remotes are, and keep references in files, whatever later versions of git make by default.
    GIT_DEFAULT_HASH: 'sha1',
    GIT_DEFAULT_REF_FORMAT: 'files',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_TERMINAL_PROMPT: '0',
    ...added.env,
    GIT_CONFIG_COUNT: String(settings.length),
  };
  for (const [index, [key, value]] of settings.entries()) {
    environment[`GIT_CONFIG_KEY_${index}`] = key;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return environment;
}
