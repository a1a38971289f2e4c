import type { Metafile } from 'esbuild';

/**
 * A file that esbuild has written and those that it imports in one of these ways, and so on; by the names
 * that they have in `outputs`.
 */
export function bundledFiles(
  outputs: Metafile['outputs'],
  file: string,
  kinds: readonly string[],
  found = new Set<string>(),
): Set<string> {
  const output = outputs[file];
  if (!output || found.has(file)) return found;
  found.add(file);
  for (const { path, kind } of output.imports) {
    if (kinds.includes(kind)) bundledFiles(outputs, path, kinds, found);
  }
  return found;
}
