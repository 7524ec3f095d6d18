/** Characters of the longest text that a function makes. V8 takes memory for a text at once, and ends the whole process where there is none. */
const longestText = 4 * 1024 * 1024;

/**
 * To be called before a text is made of others, with how long it will be.
 * @throws Error when that is longer than any text that a function makes
 */
export function checkTextLength(characters: number): void {
  if (characters > longestText) throw new Error(`a text would have more than ${longestText} characters`);
}

const mostGroups = 100;

/**
 * To be called before a text is held against an expression: the memory that takes grows with the square of its groups.
 * @throws Error when there are more than any expression needs
 */
export function checkGroups(groups: number): void {
  if (groups > mostGroups) throw new Error(`an expression would have more than ${mostGroups} groups`);
}
