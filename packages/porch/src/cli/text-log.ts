const levels: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO ',
  40: 'WARN ',
  50: 'ERROR',
  60: 'FATAL',
};

function show(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value);
}

function describe(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('stack' in error)) return '';
  return `\n${String(error.stack).replace(/^/gm, '    ')}`;
}

/** One line of the JSON log as text for people: time, level, message, the rest as `key=value`, then an error's stack. */
export function textLine(json: string): string {
  const { time, level, msg, err, ...rest } = JSON.parse(json) as Record<string, unknown>;
  const fields = Object.entries(rest)
    .filter(([key]) => key !== 'pid' && key !== 'hostname')
    .map(([key, value]) => ` ${key}=${show(value)}`);
  const at = new Date(Number(time)).toISOString();
  const message = String(msg ?? '').replaceAll(/[\r\n]+/g, ' ');
  return `${at} ${levels[Number(level)] ?? String(level)} ${message}${fields.join('')}${describe(err)}\n`;
}
