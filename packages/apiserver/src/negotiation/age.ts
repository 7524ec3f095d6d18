const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

function twoUnits(seconds: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % big) / small);
  const head = `${Math.floor(seconds / big)}${bigName}`;
  return rest === 0 ? head : `${head}${rest}${smallName}`;
}

/** A duration as `kubectl` shows ages: two units while they matter, one beyond. */
export function humanDuration(seconds: number): string {
  const whole = Math.trunc(seconds);
  if (whole < -1) return '<invalid>';
  if (whole < 0) return '0s';
  if (whole < 2 * minute) return `${whole}s`;
  if (whole < 10 * minute) return twoUnits(whole, minute, 'm', 1, 's');
  if (whole < 3 * hour) return `${Math.floor(whole / minute)}m`;
  if (whole < 8 * hour) return twoUnits(whole, hour, 'h', minute, 'm');
  if (whole < 2 * day) return `${Math.floor(whole / hour)}h`;
  if (whole < 8 * day) return twoUnits(whole, day, 'd', hour, 'h');
  if (whole < 2 * year) return `${Math.floor(whole / day)}d`;
  if (whole < 8 * year) return twoUnits(whole, year, 'y', day, 'd');
  return `${Math.floor(whole / year)}y`;
}

/** The age of something created at an RFC 3339 time, at the time `now` in milliseconds. */
export function ageSince(creationTimestamp: string, now: number): string {
  if (creationTimestamp === '') return '<unknown>';
  return humanDuration((now - Date.parse(creationTimestamp)) / 1000);
}
