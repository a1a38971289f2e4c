import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const root = fileURLToPath(new URL('..', import.meta.url));

const lockFile = z.object({
  name: z.string(),
  packages: z.record(
    z.string(),
    z.object({
      version: z.string(),
      name: z.string().optional(),
      dev: z.boolean().optional(),
      optional: z.boolean().optional(),
    }),
  ),
});

const dependency = z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()) });
const cycloneDx = z.looseObject({
  metadata: z.looseObject({ component: z.looseObject({ name: z.string() }) }),
  components: z.array(z.looseObject({ 'bom-ref': z.string() })),
  dependencies: z.array(dependency),
});

/** What the functions are built from, as CycloneDX: from the lock file alone, without a network. */
export function sbom() {
  const lock = lockFile.parse(JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')));
  // npm's own --omit dev leaves out what is needed by packages that are needed: all, and we choose
  const asked = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application'];
  const written = execFileSync('npm', [...asked, '--package-lock-only'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const { metadata, components, dependencies, ...document } = cycloneDx.parse(JSON.parse(written));
  const kept = new Set(
    Object.entries(lock.packages)
      .filter(([, { dev, optional }]) => !dev && !optional)
      .map(
        ([path, { name, version }]) => `${name ?? path.split('node_modules/').at(-1)}@${version}`,
      ),
  );
  return {
    ...document,
    // npm takes the name of the folder for that of the project
    metadata: { ...metadata, component: { ...metadata.component, name: lock.name } },
    components: components.filter((component) => kept.has(component['bom-ref'])),
    dependencies: dependencies
      .filter(({ ref }) => kept.has(ref))
      .map(({ dependsOn, ...rest }) => ({
        ...rest,
        dependsOn: dependsOn.filter((ref) => kept.has(ref)),
      })),
  };
}

if (import.meta.main) console.log(JSON.stringify(sbom(), null, 2));
