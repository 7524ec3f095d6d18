import { expect, test } from 'vitest';
import { CronScheduleError, parseCronSchedule } from './cron-schedule.ts';

const at = (text: string) => new Date(text);

test.each([
  ['*/10 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:10:00Z'],
  ['0 3 * * 1', '2026-01-01T00:00:00Z', '2026-01-05T03:00:00Z'],
  ['@hourly', '2026-01-01T00:59:59Z', '2026-01-01T01:00:00Z'],
  ['@daily', '2026-03-29T00:30:00Z', '2026-03-30T00:00:00Z'],
  [' @Weekly ', '2026-01-01T00:00:00Z', '2026-01-04T00:00:00Z'],
  ['5/20 * * * *', '2026-01-01T00:06:00Z', '2026-01-01T00:25:00Z'],
  ['0 1,6/8 * * *', '2026-01-01T15:00:00Z', '2026-01-01T22:00:00Z'],
  ['@every 5m', '2026-01-01T00:00:07Z', '2026-01-01T00:05:07Z'],
  ['@every 2562047h', '2026-01-01T00:00:00Z', '2318-04-12T23:00:00Z'],
  ['@every 1h30m', '2026-01-01T00:00:00.900Z', '2026-01-01T01:30:00Z'],
  ['15 0 1 JAN *', '2026-01-02T00:00:00Z', '2027-01-01T00:15:00Z'],
])('%s after %s is %s, in UTC', (expression, after, next) => {
  expect(parseCronSchedule(expression).next(at(after))).toEqual(at(next));
});

test.each([
  ['TZ=Europe/Berlin 0 6 * * *', '2026-01-01T00:00:00Z', '2026-01-01T05:00:00Z'],
  ['CRON_TZ=Europe/Berlin 0 6 * * *', '2026-07-01T00:00:00Z', '2026-07-01T04:00:00Z'],
  ['TZ=Asia/Tokyo  @daily', '2026-01-01T00:00:00Z', '2026-01-01T15:00:00Z'],
  ['TZ= 0 6 * * *', '2026-01-01T00:00:00Z', '2026-01-01T06:00:00Z'],
  ['TZ=Asia/Tokyo @every 5m', '2026-01-01T00:00:07Z', '2026-01-01T00:05:07Z'],
])('%s after %s is %s', (expression, after, next) => {
  expect(parseCronSchedule(expression).next(at(after))).toEqual(at(next));
});

test.each([
  ['TZ=Europe/Nowhere 0 6 * * *', 'unknown time zone "Europe/Nowhere"'],
  ['TZ=Europe/Berlin', 'five fields'],
  ['TZ=Europe/Berlin 0 6 * *', 'five fields'],
  ['', 'five fields'],
  ['* * * *', 'five fields'],
  ['0 * * * * *', 'five fields'],
  ['@every', 'unknown name'],
  ['@every soon', 'duration'],
  ['@every 10ms', 'a second or more'],
  ['@every 2562048h', 'duration'],
  ['@every 9999999999h', 'duration'],
  ['60/5 * * * *', 'is not a cron expression'],
  ['@reboot', 'unknown name'],
  ['61 * * * *', 'is not a cron expression'],
  ['a b c d e', 'is not a cron expression'],
  ['0 0 30 2 *', 'never comes'],
])('%j is refused', (expression, message) => {
  expect(() => parseCronSchedule(expression)).toThrowError(CronScheduleError);
  expect(() => parseCronSchedule(expression)).toThrowError(message);
});
