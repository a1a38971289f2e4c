import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { bundleFunctions } from '../../infra/build.ts';

const run = promisify(execFile);

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of any shape, looked at key by key
export type Json = any;
export type Resource = { Type: string; Properties: Json; Condition?: string; DependsOn?: Json };
export type Template = {
  Resources: Record<string, Resource>;
  Conditions: Record<string, Json>;
  Outputs: Record<string, Json>;
};

/** A copy of the sources in a directory of its own, as a fresh clone would have them. */
export function copyOfSources(): string {
  const directory = mkdtempSync(join(tmpdir(), 'feishu-import-stack-'));
  for (const name of ['functions', 'infra', 'package.json', 'serverless.yml']) {
    cpSync(name, join(directory, name), { recursive: true });
  }
  symlinkSync(resolve('node_modules'), join(directory, 'node_modules'));
  return directory;
}

export function removeCopy(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

/** A copy of the sources, which osls packages without credentials, settings or a region. */
export class Packaging {
  readonly #directory = copyOfSources();

  get dist(): string {
    return join(this.#directory, 'dist');
  }

  /** Runs osls; what it says comes back also where it fails. */
  async osls(...parameters: string[]): Promise<{ failed: boolean; said: string }> {
    const osls = resolve('node_modules/osls/bin/serverless.js');
    try {
      const { stdout, stderr } = await run(process.execPath, [osls, ...parameters], {
        cwd: this.#directory,
        env: {
          PATH: process.env.PATH,
          HOME: this.#directory,
          // to compile the schema of its own settings takes osls longer than all the rest
          SLS_SCHEMA_CACHE_BASE_DIR: resolve('node_modules/.cache'),
        },
      });
      return { failed: false, said: stdout + stderr };
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      return { failed: true, said: stdout + stderr };
    }
  }

  /** Packages what is bundled in `dist`, or bundles first. At most once: osls works in a directory of the copy. */
  async package(stage: string, params: Record<string, string> = {}, dist?: string) {
    const own = this.dist;
    if (dist) cpSync(dist, own, { recursive: true });
    else await bundleFunctions(own);
    const given = Object.entries(params).flatMap(([name, value]) => [
      '--param',
      `${name}=${value}`,
    ]);
    const { failed, said } = await this.osls('package', '--stage', stage, ...given);
    if (failed) throw new Error(said);
    const output = join(this.#directory, '.serverless');
    const templateFile = join(output, 'cloudformation-template-update-stack.json');
    return {
      templateFile,
      template: JSON.parse(readFileSync(templateFile, 'utf8')) as Template,
      zip: (name: string) => readFileSync(join(output, `${name}.zip`)),
    };
  }

  remove(): void {
    removeCopy(this.#directory);
  }
}

export function resourcesOf({ Resources }: Template, type: string): [string, Resource][] {
  return Object.entries(Resources).filter(([, resource]) => resource.Type === type);
}

/** Every object inside of a value, itself among them. */
export function* objectsIn(value: Json): Generator<Record<string, Json>> {
  if (!value || typeof value !== 'object') return;
  yield value;
  for (const inner of Object.values(value)) yield* objectsIn(inner);
}

/** The names that an object refers to itself, without what is inside of it. */
export function referencesOf(object: Record<string, Json>): string[] {
  const names: string[] = [];
  if (typeof object.Ref === 'string') names.push(object.Ref);
  if (object['Fn::GetAtt'])
    names.push(String([object['Fn::GetAtt']].flat()[0]).split('.')[0] ?? '');
  if (object['Fn::Sub']) {
    const [text, own = {}] = [object['Fn::Sub']].flat();
    for (const [, name = ''] of text.matchAll(/\$\{([A-Za-z0-9:]+)(?:\.[A-Za-z0-9.]+)?\}/g)) {
      if (!(name in own)) names.push(name);
    }
  }
  return names.filter((name) => !name.startsWith('AWS::'));
}
