/** Text files of a package: path relative to the package, `/`-separated, to content. */
export type PackageFiles = ReadonlyMap<string, string>;

export const kptfileName = 'Kptfile';
