/** Text files of a package: path relative to the package, `/`-separated, to content. */
export type PackageFiles = ReadonlyMap<string, string>;

/** The file that makes a directory a package. */
export const kptfileName = 'Kptfile';
