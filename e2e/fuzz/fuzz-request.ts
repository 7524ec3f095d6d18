/** One request as it goes over the wire; nothing in it need be valid. */
export interface FuzzRequest {
  readonly method: string;
  /** Path and query, as they are sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

const shown = 2000;

function short(text: string): string {
  return text.length > shown ? `${text.slice(0, shown)}… (${text.length} characters)` : text;
}

function showBytes(body: Buffer): string {
  const text = body.toString('utf8');
  const readable = Buffer.from(text, 'utf8').equals(body);
  return short(readable ? text : `(base64) ${body.toString('base64')}`);
}

/** A request in words, so that it can be sent again. */
export function describeRequest({ method, target, headers, body }: FuzzRequest): string {
  const lines = [
    `${JSON.stringify(method)} ${short(target)}`,
    ...Object.entries(headers).map(([k, v]) => `${k}: ${short(v)}`),
  ];
  if (body !== undefined) lines.push('', showBytes(body));
  return lines.join('\n');
}
