import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleFunctions } from '../infra/build.ts';
import { sbom } from '../infra/sbom.ts';
import type { ThirdParty } from '../infra/third-party.ts';

type Locked = {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  dev?: boolean;
  optional?: boolean;
  hasInstallScript?: boolean;
};

const text = readFileSync('package-lock.json', 'utf8');
const lock: { packages: Record<string, Locked> } = JSON.parse(text);
const [, ...locked] = Object.entries(lock.packages);

const directory = mkdtempSync(join(tmpdir(), 'feishu-import-supply-'));
afterAll(() => rmSync(directory, { recursive: true }));
let shipped: ThirdParty[];
beforeAll(async () => {
  shipped = await bundleFunctions(directory);
});

test('locks every package by a SHA-512', () => {
  const loose = locked.filter(([, { integrity = '' }]) => !/^sha512-[\w+/]{86}==$/.test(integrity));

  expect(loose).toEqual([]);
});

test('locks a version of a registry, and names no registry', () => {
  const others = locked.filter(
    ([, { version = '', link }]) => link || !/^\d+\.\d+\.\d+/.test(version),
  );

  expect(others).toEqual([]);
  expect(text).not.toMatch(
    /"resolved"|https?:\/\/(?!\S*(fund|sponsor|collective|donate|tidelift))\S*registry/,
  );
});

test('needs no install script: npm runs none here', () => {
  const withScript = locked.filter(([, { hasInstallScript }]) => hasInstallScript);

  expect(readFileSync('.npmrc', 'utf8')).toMatch(/^ignore-scripts=true$/m);
  // tools that work without theirs; whoever adds one looks why it has it
  expect(withScript.map(([path]) => path)).toEqual([
    'node_modules/aws-lambda-ric',
    'node_modules/es5-ext',
    'node_modules/esbuild',
    'node_modules/protobufjs',
  ]);
  expect(withScript.every(([, { dev }]) => dev)).toBe(true);
});

test('ships nothing under terms that ask for more than a notice', () => {
  const allowed = [
    'MIT',
    'Apache-2.0',
    'ISC',
    '0BSD',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'BlueOak-1.0.0',
  ];

  expect(shipped.length).toBeGreaterThan(10);
  expect(shipped.filter(({ license }) => !allowed.includes(license))).toEqual([]);
});

test('ships the terms of every package, or those of another under the same licence', () => {
  const notice = readFileSync(join(directory, 'third-party.txt'), 'utf8');

  for (const { name, version, license, texts } of shipped) {
    expect(notice).toContain(`${name} ${version} (${license})`);
    // an MIT licence names whose it is, so no other's will do
    if (license !== 'Apache-2.0') expect(texts, name).not.toEqual([]);
  }
  expect(notice).toContain('Apache License');
});

test('lists in the SBOM what is shipped, each with its hash, and tells of no machine', () => {
  const { metadata, components, dependencies } = sbom();

  const listed = components.map((component) => component['bom-ref']);
  for (const { name, version } of shipped) expect(listed).toContain(`${name}@${version}`);
  expect(components.every(({ hashes }) => Array.isArray(hashes) && hashes.length === 1)).toBe(true);
  expect(dependencies.map(({ ref }) => ref)).toEqual(expect.arrayContaining(listed));
  expect(listed.some((ref) => /^(vitest|node-linux)/.test(ref))).toBe(false);
  expect(metadata.component.name).toBe('feishu-import-workflow');
  const told = JSON.stringify({ metadata, components, dependencies });
  expect(told).not.toContain(process.cwd());
  expect(told).not.toMatch(/registry|localhost|127\.0\.0\.1/);
});
