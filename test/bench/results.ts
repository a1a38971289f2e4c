import { readFileSync, writeFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform, release } from 'node:os';

const file = new URL('results.json', import.meta.url);

export type Measured<Figures = unknown> = {
  machine: { cpu: string; cores: number; os: string };
  versions: Record<string, string>;
  figures: Figures;
};

/** Keeps the figures of a benchmark under its name, with the machine and versions they are from. */
export function writeResults(section: string, figures: unknown): void {
  const measured: Measured = {
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      os: `${platform()} ${release()} ${arch()}`,
    },
    versions: versions(),
    figures,
  };
  writeFileSync(file, inLines({ ...readResults(), [section]: measured }));
}

export function readResults(): Record<string, Measured> {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** Nobody can measure more digits, and no processor's last ones may show. */
export function inSixDigits(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value;
}

/** What holds nothing deeper is on a line of its own. */
function inLines(results: unknown): string {
  const text = JSON.stringify(results, inSixDigits, 2);
  return `${text.replace(/[{[][^{}[\]]*[}\]]/g, (leaf) => leaf.replace(/\s*\n\s*/g, ' '))}\n`;
}

function versions(): Record<string, string> {
  const packages = ['undici', 'zod', '@larksuiteoapi/node-sdk'];
  return {
    node: process.versions.node,
    'feishu-import-workflow': versionIn('../../package.json'),
    ...Object.fromEntries(
      packages.map((name) => [name, versionIn(`../../node_modules/${name}/package.json`)]),
    ),
  };
}

function versionIn(manifest: string): string {
  return JSON.parse(readFileSync(new URL(manifest, import.meta.url), 'utf8')).version;
}
