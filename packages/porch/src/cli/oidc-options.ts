import { type Command, InvalidArgumentError, Option } from 'commander';
import type { OidcSettings } from '../server/settings.ts';
import { httpUrl } from './option-values.ts';
import { PathOption } from './path-options.ts';

/** What commander makes of the flags of OpenID Connect. */
export interface OidcFlags {
  readonly oidcIssuerUrl?: string;
  readonly oidcClientId?: string;
  readonly oidcCaFile: string;
  readonly oidcUsernameClaim: string;
  readonly oidcUsernamePrefix?: string;
  readonly oidcGroupsClaim?: string;
  readonly oidcGroupsPrefix: string;
  readonly oidcRequiredClaim?: Readonly<Record<string, string>>;
  readonly oidcSigningAlgs: readonly string[];
}

/** Those that kube-apiserver takes. */
const algorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512'];

/** What stands for no prefix at all. */
const noPrefix = '-';

function issuerUrl(text: string): string {
  const { protocol, username, password, search, hash } = httpUrl(text, 'https://accounts.example.com');
  if (protocol !== 'https:') throw new InvalidArgumentError('Give a URL of https.');
  if (`${username}${password}${search}${hash}` !== '') {
    throw new InvalidArgumentError('Leave out user, password, query and fragment.');
  }
  // Tokens name it letter by letter.
  return text;
}

function claimValue(text: string, previous: Readonly<Record<string, string>> | undefined) {
  const [, claim, value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (claim === undefined) throw new InvalidArgumentError('Give claim=value.');
  if (previous !== undefined && Object.hasOwn(previous, claim)) {
    throw new InvalidArgumentError(`Claim ${claim} has two values.`);
  }
  return { ...previous, [claim]: value };
}

function signingAlgorithms(text: string): readonly string[] {
  const given = text.split(',').map((name) => name.trim());
  const wrong = given.find((name) => !algorithms.includes(name));
  if (wrong !== undefined) throw new InvalidArgumentError(`Give some of ${algorithms.join(', ')}.`);
  return given;
}

/** Adds the flags of kube-apiserver for OpenID Connect; each can also be given as an environment variable. */
export function addOidcOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--oidc-issuer-url <url>', 'OpenID Connect issuer whose users may come in with their ID tokens')
        .env('PORCH_OIDC_ISSUER_URL')
        .argParser(issuerUrl),
    )
    .addOption(new Option('--oidc-client-id <id>', 'client that ID tokens have to be for').env('PORCH_OIDC_CLIENT_ID'))
    .addOption(
      new PathOption('--oidc-ca-file <file>', "certificates that the issuer's is checked against", 'a file')
        .default('', 'those of Node.js')
        .env('PORCH_OIDC_CA_FILE'),
    )
    .addOption(
      new Option('--oidc-username-claim <claim>', 'claim with the name of the user')
        .default('sub')
        .env('PORCH_OIDC_USERNAME_CLAIM'),
    )
    .addOption(
      new Option(
        '--oidc-username-prefix <prefix>',
        'put before names of users; - for none. Unless given: none for the claim email, the issuer and # for others',
      ).env('PORCH_OIDC_USERNAME_PREFIX'),
    )
    .addOption(new Option('--oidc-groups-claim <claim>', "claim with the user's groups").env('PORCH_OIDC_GROUPS_CLAIM'))
    .addOption(
      new Option('--oidc-groups-prefix <prefix>', 'put before names of groups')
        .default('', 'none')
        .env('PORCH_OIDC_GROUPS_PREFIX'),
    )
    .addOption(
      new Option('--oidc-required-claim <claim=value>', 'claim that ID tokens must have; may be repeated')
        .env('PORCH_OIDC_REQUIRED_CLAIM')
        .argParser(claimValue),
    )
    .addOption(
      new Option('--oidc-signing-algs <names>', 'algorithms that ID tokens may be signed with')
        .default(['RS256'], 'RS256')
        .env('PORCH_OIDC_SIGNING_ALGS')
        .argParser(signingAlgorithms),
    );
}

const proxyVariables = ['https_proxy', 'HTTPS_PROXY', 'no_proxy', 'NO_PROXY'];

function proxiesOf(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  return Object.fromEntries(proxyVariables.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

/**
 * What the flags and the environment say of OpenID Connect; undefined when nobody comes in by it. Ends the command for flags that do not go
 * together.
 */
export function oidcSettings(command: Command, flags: OidcFlags, env: NodeJS.ProcessEnv): OidcSettings | undefined {
  const { oidcIssuerUrl: issuer, oidcClientId: clientId = '' } = flags;
  if (issuer === undefined) return undefined;
  if (clientId === '') command.error('error: --oidc-issuer-url needs --oidc-client-id');
  const byName = flags.oidcUsernameClaim === 'email' ? '' : `${issuer}#`;
  const prefix = flags.oidcUsernamePrefix ?? byName;
  return {
    issuerUrl: issuer,
    clientId,
    caFile: flags.oidcCaFile,
    proxies: proxiesOf(env),
    signingAlgorithms: flags.oidcSigningAlgs,
    claims: {
      usernameClaim: flags.oidcUsernameClaim,
      usernamePrefix: prefix === noPrefix ? '' : prefix,
      groupsClaim: flags.oidcGroupsClaim ?? '',
      groupsPrefix: flags.oidcGroupsPrefix,
      requiredClaims: flags.oidcRequiredClaim ?? {},
    },
  };
}
