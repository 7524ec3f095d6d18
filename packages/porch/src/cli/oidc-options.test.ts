import { Command } from 'commander';
import { expect, test } from 'vitest';
import type { OidcSettings } from '../server/settings.ts';
import { addOidcOptions, type OidcFlags, oidcSettings } from './oidc-options.ts';

const env = { https_proxy: 'http://proxy:3128', NO_PROXY: '.lan', no_proxy: '', HOME: '/root' };
const proxies = { https_proxy: 'http://proxy:3128', NO_PROXY: '.lan' };

function parse(...args: string[]): OidcSettings | undefined {
  const quiet = () => undefined;
  const command = addOidcOptions(new Command('serve'))
    .exitOverride()
    .configureOutput({ writeErr: quiet, writeOut: quiet });
  command.parse(args, { from: 'user' });
  return oidcSettings(command, command.opts<OidcFlags>(), env);
}

const issuer = ['--oidc-issuer-url', 'https://sso.example.com/realms/a', '--oidc-client-id', 'porch'];

test('nobody comes in by OpenID Connect unless an issuer is given', () => {
  expect(parse()).toBeUndefined();
});

test('an issuer and a client are enough', () => {
  expect(parse(...issuer)).toEqual({
    issuerUrl: 'https://sso.example.com/realms/a',
    clientId: 'porch',
    caFile: '',
    proxies,
    signingAlgorithms: ['RS256'],
    claims: {
      usernameClaim: 'sub',
      usernamePrefix: 'https://sso.example.com/realms/a#',
      groupsClaim: '',
      groupsPrefix: '',
      requiredClaims: {},
    },
  });
});

test('each flag sets what it says', () => {
  const claims = ['--oidc-username-claim=name', '--oidc-username-prefix=u:', '--oidc-groups-claim=roles'];
  const more = ['--oidc-groups-prefix=g:', '--oidc-required-claim', 'hd=a=b', '--oidc-required-claim=tier='];
  expect(parse(...issuer, ...claims, ...more, '--oidc-signing-algs=ES256, RS512', '--oidc-ca-file', 'ca')).toEqual({
    issuerUrl: 'https://sso.example.com/realms/a',
    clientId: 'porch',
    caFile: 'ca',
    proxies,
    signingAlgorithms: ['ES256', 'RS512'],
    claims: {
      usernameClaim: 'name',
      usernamePrefix: 'u:',
      groupsClaim: 'roles',
      groupsPrefix: 'g:',
      requiredClaims: { hd: 'a=b', tier: '' },
    },
  });
});

test('names that are e-mail addresses, and those with - for a prefix, have none', () => {
  expect(parse(...issuer, '--oidc-username-claim=email')?.claims.usernamePrefix).toBe('');
  expect(parse(...issuer, '--oidc-username-claim=email', '--oidc-username-prefix=sso:')?.claims.usernamePrefix).toBe(
    'sso:',
  );
  expect(parse(...issuer, '--oidc-username-prefix=-')?.claims.usernamePrefix).toBe('');
});

test.each([
  [['--oidc-issuer-url', 'https://sso'], 'needs --oidc-client-id'],
  [['--oidc-issuer-url', 'http://sso'], 'Give a URL of https.'],
  [['--oidc-issuer-url', 'sso'], 'Give a URL, for instance https://'],
  [['--oidc-issuer-url', 'https://u:p@sso'], 'Leave out user, password'],
  [['--oidc-issuer-url', 'https://sso?a=b'], 'Leave out user, password'],
  [['--oidc-issuer-url', 'https://sso#a'], 'Leave out user, password'],
  [[...issuer, '--oidc-required-claim', 'hd'], 'Give claim=value.'],
  [[...issuer, '--oidc-required-claim', '=x'], 'Give claim=value.'],
  [[...issuer, '--oidc-required-claim', 'a=1', '--oidc-required-claim', 'a=2'], 'Claim a has two values.'],
  [[...issuer, '--oidc-signing-algs', 'HS256'], 'Give some of RS256'],
  [[...issuer, '--oidc-signing-algs', 'none'], 'Give some of RS256'],
])('%j is refused', (args, message) => {
  expect(() => parse(...args)).toThrowError(message);
});
