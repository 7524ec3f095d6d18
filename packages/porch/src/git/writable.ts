/** Plain data while it is being made, member by member: copying parts into it is slow where it is done for thousands. */
export type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
