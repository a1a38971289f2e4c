import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Metafile } from 'esbuild';
import * as z from 'zod';

const root = fileURLToPath(new URL('..', import.meta.url));

const packageFile = z.object({ name: z.string(), version: z.string(), license: z.string() });

export type ThirdParty = z.output<typeof packageFile> & {
  /** Of its licence and its notices; empty where it brings none, as some of the AWS SDK's do not. */
  texts: string[];
};

/** The packages of which some code is in a bundle, by name. */
export function thirdParties({ outputs }: Pick<Metafile, 'outputs'>): ThirdParty[] {
  const inputs = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const folders = inputs
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0])
    .filter((folder) => folder !== undefined);
  return [...new Set(folders)]
    .map((folder) => thirdParty(join(root, folder)))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function thirdParty(folder: string): ThirdParty {
  const about = packageFile.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  const files = readdirSync(folder).filter((name) => /^(licen[cs]e|notice|copying)/i.test(name));
  return { ...about, texts: files.sort().map((name) => readFileSync(join(folder, name), 'utf8')) };
}

/** What MIT and Apache-2.0 ask to be handed on with the code: who wrote it, and under which terms. */
export function thirdPartyNotice(parties: ThirdParty[]): string {
  const owners = new Map<string, string[]>();
  for (const { name, texts } of parties) {
    for (const text of texts) {
      const shown = text.replaceAll('\r\n', '\n').trim();
      owners.set(shown, [...(owners.get(shown) ?? []), name]);
    }
  }
  return [
    'The functions contain code of these packages:',
    parties.map(({ name, version, license }) => `${name} ${version} (${license})`).join('\n'),
    ...[...owners].map(([text, names]) => `${'-'.repeat(80)}\n${names.join(', ')}:\n\n${text}`),
  ]
    .join('\n\n')
    .concat('\n');
}
