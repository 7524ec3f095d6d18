import { statusErrors } from '@porch/apiserver';
import { remoteAddress } from '../../resources/remote-address.ts';

/** Where the hosts say what the pushed repository is called. */
const places = ['repository', 'project'] as const;
const urlFields = [
  'clone_url',
  'git_http_url',
  'git_ssh_url',
  'git_url',
  'html_url',
  'homepage',
  'http_url',
  'ssh_url',
  'url',
  'web_url',
] as const;

/**
 * The addresses of the repository that a notice is about, as `remoteAddress` gives them. The body is JSON, or a form whose field
 * `payload` holds JSON.
 * @throws StatusError 400 for a body that is neither
 */
export function pushedRemotes(body: Buffer, contentType: string): ReadonlySet<string> {
  const notice = parse(noticeText(body, contentType));
  const addresses = new Set<string>();
  for (const place of places) {
    const repository = notice[place];
    if (!isRecord(repository)) continue;
    for (const field of urlFields) {
      const url = repository[field];
      const address = typeof url === 'string' ? remoteAddress(url) : undefined;
      if (address !== undefined) addresses.add(address);
    }
  }
  return addresses;
}

/** The JSON of a notice: the body, or the field `payload` of a form. */
export function noticeText(body: Buffer, contentType: string): string {
  const text = body.toString('utf8');
  return isForm(contentType) ? payloadOf(text) : text;
}

/** Looks at no other field: whoever sends a form has proved nothing yet, and a million fields take seconds to be read. */
function payloadOf(form: string): string {
  const start = `&${form}`.indexOf('&payload=');
  if (start < 0) return '';
  const end = form.indexOf('&', start);
  return new URLSearchParams(form.slice(start, end < 0 ? form.length : end)).get('payload') ?? '';
}

/** Whether a body is a form. */
export function isForm(contentType: string): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(contentType);
}

function parse(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw statusErrors.badRequest('the body is not JSON, nor a form with JSON in its field payload', { cause: error });
  }
  if (!isRecord(value)) throw statusErrors.badRequest('the body is not a JSON object');
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
