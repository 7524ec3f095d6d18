import { withAuthenticatedGroup } from '../auth/authenticators.ts';
import type { Attributes, Authorizer } from '../auth/authorizer.ts';
import { forbiddenError } from '../auth/authorizer.ts';
import { headerText } from '../auth/header-text.ts';
import { accountGroups, accountPrefix } from '../auth/service-accounts/account-claims.ts';
import { anonymous, type UserInfo } from '../auth/user.ts';
import { statusErrors } from '../meta/status.ts';
import type { Exchange } from './exchange.ts';
import type { Filter } from './filter.ts';
import { keepShortHeaders } from './kept-headers.ts';

const extraPrefix = 'impersonate-extra-';

/** Who a request wants to act as; undefined when it acts as itself. */
interface Wanted {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch (error) {
    throw statusErrors.badRequest(
      `the header ${JSON.stringify(`${extraPrefix}${key}`)} is not properly percent-encoded`,
      {
        cause: error,
      },
    );
  }
}

/** Groups may have commas in their names, so headers that come several times are read one by one. */
function wantedOf(rawHeaders: readonly string[]): Wanted | undefined {
  let name = '';
  let uid = '';
  let asked = false;
  const groups: string[] = [];
  const extra = new Map<string, string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const header = rawHeaders[index]?.toLowerCase() ?? '';
    if (!header.startsWith('impersonate-')) continue;
    const value = headerText(rawHeaders[index + 1] ?? '');
    asked = true;
    if (header === 'impersonate-user') name = value;
    else if (header === 'impersonate-uid') uid = value;
    else if (header === 'impersonate-group') groups.push(value);
    else if (header.startsWith(extraPrefix)) {
      const key = decoded(header.slice(extraPrefix.length));
      const values = extra.get(key);
      if (values === undefined) extra.set(key, [value]);
      else values.push(value);
    } else throw statusErrors.badRequest(`the header ${JSON.stringify(header)} is not known`);
  }
  if (!asked) return undefined;
  if (name === '') {
    throw statusErrors.badRequest(
      'Impersonate-Group, -Uid and -Extra headers need an Impersonate-User header beside them',
    );
  }
  return { name, uid, groups, extra: Object.fromEntries(extra) };
}

function serviceAccountOf(name: string): { readonly namespace: string; readonly name: string } | undefined {
  if (!name.startsWith(accountPrefix)) return undefined;
  const [namespace = '', account = '', ...rest] = name.slice(accountPrefix.length).split(':');
  return rest.length === 0 && namespace !== '' && account !== '' ? { namespace, name: account } : undefined;
}

/** Everything that whoever impersonates needs to be allowed. */
function* attributesOf({ name, uid, groups, extra }: Wanted): Generator<Attributes> {
  const one = (group: string, resource: string, object: string, subresource = '', namespace = ''): Attributes => ({
    type: 'resource',
    verb: 'impersonate',
    group,
    resource,
    subresource,
    namespace,
    name: object,
  });
  const account = serviceAccountOf(name);
  if (account === undefined) yield one('', 'users', name);
  else yield one('', 'serviceaccounts', account.name, '', account.namespace);
  for (const group of groups) yield one('', 'groups', group);
  if (uid !== '') yield one('authentication.k8s.io', 'uids', uid);
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) yield one('authentication.k8s.io', 'userextras', value, key);
  }
}

function userOf({ name, uid, groups, extra }: Wanted): UserInfo {
  const account = serviceAccountOf(name);
  const own = account === undefined || groups.length > 0 ? groups : accountGroups(account.namespace);
  const all = name === anonymous.name ? [...own, ...anonymous.groups] : own;
  return withAuthenticatedGroup({
    name,
    groups: [...new Set(all)],
    ...(uid === '' ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  });
}

/** Lets users who may `impersonate` others act as them; from here on the request is theirs, and has none of its long headers. */
export function impersonationFilter(authorizer: Authorizer): Filter {
  return async (exchange: Exchange, next) => {
    const wanted = wantedOf(exchange.request.rawHeaders);
    if (wanted !== undefined) {
      for (const attributes of attributesOf(wanted)) {
        const decision = await authorizer.authorize(exchange.user, attributes, exchange.abort.signal);
        if (!decision.allowed) throw forbiddenError(exchange.user, attributes, decision);
      }
      exchange.impersonator = exchange.user;
      exchange.user = userOf(wanted);
      exchange.audit?.impersonates(exchange.user);
    }
    keepShortHeaders(exchange);
    await next();
  };
}
