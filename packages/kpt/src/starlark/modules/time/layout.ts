/** What a part of a layout stands for; the layout shows how the reference time, Mon Jan 2 15:04:05 MST 2006, would look. */
const element =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|2006|002|Z07:00|Z0700|Z07|-07:00|-0700|-07|__2|_2(?!006)|01|02|03|04|05|06|15|PM|pm|[.,](?:0+|9+)(?!\d)|[1-5]/g;

/** A layout as its elements and the texts between them; an element stands at each odd position. */
export function splitLayout(layout: string): readonly string[] {
  const parts: string[] = [];
  let at = 0;
  for (const match of layout.matchAll(element)) {
    parts.push(layout.slice(at, match.index), match[0]);
    at = match.index + match[0].length;
  }
  return [...parts, layout.slice(at)];
}

/** Names of months, from January. */
export const months: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** Names of days, from Sunday. */
export const days: readonly string[] = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
