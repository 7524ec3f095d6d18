/** A place in a program's text; line and column count from 1, columns in characters. */
export interface Position {
  readonly line: number;
  readonly column: number;
}
