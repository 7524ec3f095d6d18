import { testRows } from '../../../testing/starlark-programs.ts';

const load = 'load("time.star", "time")\nload("encoding/yaml.star", "yaml")';

testRows(
  'moments',
  [
    ['time.parse_time("2020-06-26T17:38:36Z") == time.from_timestamp(1593193116)', 'True'],
    ['time.now()', '2024-02-29 12:34:56.789 +0000 UTC'],
    [
      't = time.parse_time("2000-01-02T03:04:05Z")\nresult = (t.year, t.month, t.day, t.hour, t.minute, t.second, t.nanosecond, t.unix, t.unix_nano)',
      '(2000, 1, 2, 3, 4, 5, 0, 946782245, 946782245000000000)',
    ],
    ['time.time(2009, 6, 12, 12, 6, 10, 99, "US/Eastern").unix_nano', '1244822770000000099'],
    ['time.time(year=2012, month=12, day=31)', '2012-12-31 00:00:00 +0000 UTC'],
    ['time.from_timestamp(-1).second, time.from_timestamp(0, 5).nanosecond', '(59, 5)'],
    [
      'time.parse_time("2000-01-02T03:04:05Z").in_location("US/Eastern").format("2006-01-02 3 04 PM MST -07:00")',
      '"2000-01-01 10 04 PM EST -05:00"',
    ],
    [
      'time.parse_time("2024-03-31T03:30:00", format="2006-01-02T15:04:05", location="Europe/Berlin").unix',
      '1711848600',
    ],
    ['time.parse_time("2020-01-01T00:00:00+02:00")', '2020-01-01 00:00:00 +0200 +0200'],
    [
      'time.is_valid_timezone("Europe/Berlin"), time.is_valid_timezone("Nowhere"), time.is_valid_timezone("+01:00")',
      '(True, False, False)',
    ],
    [
      'a, b = time.from_timestamp(1), time.from_timestamp(2)\nresult = (a < b, a >= b, a == a, {a: 1}[time.from_timestamp(1)], sorted([b, a])[0] == a)',
      '(True, False, True, 1, True)',
    ],
    [
      'yaml.dumps([time.time(2024, 2, 9, 15, 4, 5, 120000000), time.time(2024, location="Europe/Berlin")])',
      String.raw`"- \"2024-02-09T15:04:05.12Z\"\n- \"2024-01-01T00:00:00+01:00\"\n"`,
    ],
    ['yaml.dumps([time.hour])', { fails: '[0]: a time.duration cannot stand in a file' }],
    ['time.parse_time("x")', { fails: 'time.parse_time: cannot parse "x" as "2006-01-02T15:04:05Z07:00"' }],
    ['time.parse_time("2021-02-29T00:00:00Z")', { fails: 'cannot parse' }],
    ['time.now().in_location("Nowhere")', { fails: 'in_location: unknown time zone Nowhere' }],
    ['time.from_timestamp(1 << 60)', { fails: 'time out of range' }],
    ['time.time(year=10000)', { fails: 'time out of range' }],
  ],
  load,
);

testRows(
  'layouts',
  [
    [
      'time.time(2024, 2, 9, 15, 4, 5, 120000000).format("Monday Mon January Jan 06 1 01 2 _2 02 002 3 03 15 4 04 5 05 pm .000 .999 Z07:00 -0700")',
      '"Friday Fri February Feb 24 2 02 9  9 09 040 3 03 15 4 04 5 05 pm .120 .12 Z +0000"',
    ],
    [
      'time.parse_time("Fri Feb  9 3:04:05.5PM 2024", format="Mon Jan _2 3:04:05PM 2006")',
      '2024-02-09 15:04:05.5 +0000 UTC',
    ],
    ['time.parse_time("2024/060", format="2006/002")', '2024-02-29 00:00:00 +0000 UTC'],
    [
      '[time.parse_time(text, format=layout).format("2006-01-02") for text, layout in [("060 2020", "002 2006"), (" 60 2020", "__2 2006"), ("0004 060", "2006 002"), ("2020 02 060", "2006 01 002")]]',
      '["2020-02-29", "2020-02-29", "0004-02-29", "2020-02-29"]',
    ],
    ['time.parse_time("2021 366", format="2006 002")', { fails: 'cannot parse' }],
    ['time.parse_time("2020 000", format="2006 002")', { fails: 'cannot parse' }],
    ['time.parse_time("2020-02-03 060", format="2006-01-02 002")', { fails: 'cannot parse' }],
    [
      'time.time(year=2020, month=2, day=9).format("Month Money Jane, Mon Jan_2006 __2 _2")',
      '"Month Money Jane, Sun Feb_2020  40  9"',
    ],
    ['time.parse_time("12AM 5", format="3PM 2").hour', '0'],
    ['time.parse_time("02 Jan 06 15:04 -0700", format="02 Jan 06 15:04 -0700")', '2006-01-02 15:04:00 -0700 -0700'],
  ],
  load,
);

testRows(
  'durations',
  [
    [
      'time.parse_duration("1h30m"), time.parse_duration("-1.5s"), time.parse_duration("0"), time.parse_duration("2µs"), time.parse_duration("15ms")',
      '(1h30m0s, -1.5s, 0s, 2µs, 15ms)',
    ],
    [
      'd = time.parse_duration("90m")\nresult = (d.hours, d.minutes, d.seconds, d.milliseconds, d.microseconds, d.nanoseconds)',
      '(1.5, 90.0, 5400.0, 5400000, 5400000000, 5400000000000)',
    ],
    [
      'd = time.parse_duration("10h")\ne = time.parse_duration("16m")\nresult = (d + e, d - e, d / e, d // e, d / 20, e * 2, 2 * e)',
      '(10h16m0s, 9h44m0s, 37.5, 37, 30m0s, 32m0s, 32m0s)',
    ],
    [
      'time.hour > time.minute, time.second == 1000 * time.millisecond, bool(time.parse_duration("0"))',
      '(True, True, False)',
    ],
    [
      't = time.from_timestamp(100)\nresult = (t + time.second, time.second + t, t - time.minute, t - time.from_timestamp(40))',
      '(1970-01-01 00:01:41 +0000 UTC, 1970-01-01 00:01:41 +0000 UTC, 1970-01-01 00:00:40 +0000 UTC, 1m0s)',
    ],
    ['time.second / time.parse_duration("0")', { fails: 'division by zero' }],
    ['time.second / 0', { fails: 'division by zero' }],
    ['time.second + 1', { fails: 'unknown binary op: time.duration + int' }],
    ['1 - time.second', { fails: 'unknown binary op: int - time.duration' }],
    ['time.hour * (1 << 62)', { fails: 'duration out of range' }],
    ['time.parse_duration("1x")', { fails: 'invalid duration "1x"' }],
    ['time.parse_duration("")', { fails: 'invalid duration ""' }],
  ],
  load,
);
