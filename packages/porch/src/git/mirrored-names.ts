/** Where the tags of a remote are, and where its mirror has them. */
export const tagsOfRemotes = 'refs/tags/';
export const mirroredTags = 'refs/mirror/tags/';

/** The same of branches. */
export const headsOfRemotes = 'refs/heads/';
export const mirroredHeads = 'refs/mirror/heads/';
