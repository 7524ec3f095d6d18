import type { RunLimits } from './evaluator.ts';
import { imageBaseName } from './image-reference.ts';

/** How the images of one function are to be run. Plain data: rules travel to worker threads. */
export interface FunctionRule {
  /** What the rule is from. */
  readonly owner?: string;
  /** The base name of the images that the rule is for, `set-labels`. */
  readonly image: string;
  /** Registries and paths that those images may come from; empty for any. */
  readonly prefixes: readonly string[];
  /** Run by a function that is part of the program, for these tags. */
  readonly builtIn?: { readonly name: string; readonly tags: readonly string[] };
  /** Run as a program, for these tags. */
  readonly program?: { readonly path: string; readonly tags: readonly string[] };
  /** Run as a container, or by a function runner, whatever the tag; these tags are known to exist. */
  readonly container?: {
    readonly tags: readonly string[];
    readonly environment?: Readonly<Record<string, string>>;
  };
  readonly limits?: Partial<RunLimits>;
  /** Most runs at the same time outside the program; those of a rule with the same `owner`, `image` and `prefixes` count together. */
  readonly maxParallel?: number;
}

/** An image, taken apart. */
export interface ImageParts {
  /** Registry and path before the base name, without a slash at its end. */
  readonly repository: string;
  readonly name: string;
  /** Undefined where there is a digest only. */
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Takes a full image name apart. */
export function imageParts(image: string): ImageParts {
  const [reference = '', digest] = image.split('@', 2);
  const name = imageBaseName(image);
  const last = reference.slice(reference.lastIndexOf('/') + 1);
  return {
    repository: reference.slice(0, Math.max(reference.lastIndexOf('/'), 0)),
    name,
    tag: last.includes(':') ? last.slice(last.indexOf(':') + 1) : undefined,
    digest,
  };
}

/** What rules say about an image. */
export interface RuleMatch {
  /** The rule for the image; undefined where there is none. */
  readonly rule: FunctionRule | undefined;
  /** Whether there are rules for images of this name, but of other registries: this is not the function that they mean. */
  readonly isForeign: boolean;
}

/** Finds the rule for an image: the first with its base name and a prefix that it begins with. */
export function matchRule(image: string, rules: readonly FunctionRule[]): RuleMatch {
  const { repository, name } = imageParts(image);
  const candidates = rules.filter((rule) => rule.image === name);
  const rule = candidates.find(
    ({ prefixes }) => prefixes.length === 0 || prefixes.some((prefix) => isBelow(repository, prefix)),
  );
  return { rule, isForeign: rule === undefined && candidates.length > 0 };
}

/** Whether a repository of images is the registry and path that a prefix names, or below it. */
export function isBelow(repository: string, prefix: string): boolean {
  return repository === prefix || repository.startsWith(`${prefix}/`);
}

/** All tags that a rule says exist. */
export function declaredTags({ builtIn, program, container }: FunctionRule): readonly string[] {
  return [...(builtIn?.tags ?? []), ...(program?.tags ?? []), ...(container?.tags ?? [])];
}
