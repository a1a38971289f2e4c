import { readFileSync } from 'node:fs';
import { apiCodes } from '../functions/core/api-codes.ts';
import {
  adviceFor,
  type ErrorEntry,
  type ErrorName,
  errorCatalogue,
} from '../functions/core/error-catalogue.ts';
import { folderConflicts } from '../functions/core/import-decision.ts';
import { importNotices } from '../functions/core/import-notices.ts';
import { importStatuses } from '../functions/core/import-status.ts';
import { loadTable } from '../test/bench/load/table.ts';
import type { LoadFigures } from '../test/bench/load/targets.ts';
import type { PollingFigures } from '../test/bench/polling/measure.ts';
import { pollingTables } from '../test/bench/polling/tables.ts';
import { type Measured, readResults } from '../test/bench/results.ts';
import type { ColdStartFigures, QueryFigures } from '../test/bench/speed-targets.ts';
import { importCosts } from './import-costs.ts';
import { table } from './markdown-table.ts';
import { coldStartSection, querySection } from './query-benchmarks.ts';
import { stateDiagram } from './state-diagram.ts';

/** What the README shows of the code and the state machine, by the name of its place there. */
export function readmeSections(): Record<string, string> {
  const definition = JSON.parse(readFileSync(new URL('import.asl.json', import.meta.url), 'utf8'));
  return {
    'state machine': ['```mermaid', stateDiagram(definition), '```'].join('\n'),
    costs: table(
      [
        'finished after',
        'queries',
        'known at most later',
        'transitions',
        '1,000 imports',
        'of it Lambda',
      ],
      costRows(),
    ),
    ...pollingSections(),
    'cold starts': coldStartSection(measured<ColdStartFigures>('coldStart', 'bench:cold-start')),
    'warm queries': querySection(measured<QueryFigures>('query', 'bench:query')),
    load: loadSection(),
    errors: table(['Error', 'codes', 'when', 'retryable', 'reimport', 'what to do'], errorRows()),
    notices: table(
      ['code', 'of', 'meaning', '含义'],
      Object.entries(importNotices).map(([code, { appliesTo, meaning }]) => [
        code,
        appliesTo,
        meaning.en,
        meaning.zh,
      ]),
    ),
  };
}

/** The README with its sections as they should be now. Throws where it has no place for one. */
export function withSections(readme: string, sections: Record<string, string>): string {
  return Object.entries(sections).reduce((text, [name, section]) => {
    const place = new RegExp(`(<!-- ${name}: .*? -->\n)[\\s\\S]*?(<!-- end of ${name} -->)`);
    if (!place.test(text)) throw new Error(`README.md has no place for "${name}"`);
    return text.replace(place, (_, begin, end) => `${begin}\n${section}\n\n${end}`);
  }, readme);
}

function pollingSections(): Record<string, string> {
  const tables = pollingTables(measured<PollingFigures>('polling', 'bench:polling').figures);
  return Object.fromEntries(
    Object.entries(tables).map(([name, { head, rows }]) => [name, table(head, rows)]),
  );
}

function loadSection(): string {
  const { head, rows } = loadTable(measured<LoadFigures>('load', 'bench:load').figures);
  return table(head, rows);
}

/** The section that a benchmark has written. */
function measured<Figures>(section: string, command: string): Measured<Figures> {
  const found = readResults()[section];
  if (!found) throw new Error(`test/bench/results.json has no ${section}: run npm run ${command}`);
  return { ...found, figures: found.figures as Figures };
}

function costRows(): string[][] {
  return [3, 30, 300, 3600].map((seconds) => {
    const { queries, lagSeconds, transitions, dollars, lambdaDollars } = importCosts(seconds);
    return [
      seconds < 60 ? `${seconds} s` : `${seconds / 60} min`,
      String(queries),
      `${lagSeconds} s`,
      String(transitions),
      `$${dollars.toFixed(2)}`,
      `$${lambdaDollars.toFixed(3)}`,
    ];
  });
}

function errorRows(): string[][] {
  return Object.entries<ErrorEntry>(errorCatalogue).map(([name, { retryable, reimport, when }]) => [
    `\`${name}\``,
    codesOf(name as ErrorName).join(' '),
    `${when.en}<br>${when.zh}`,
    retryable ? 'yes' : 'no',
    reimport ? 'yes' : 'no',
    advice(name as ErrorName),
  ]);
}

function advice(name: ErrorName): string {
  const tenant = adviceFor(name, 'tenant');
  const user = adviceFor(name, 'user');
  return tenant.en === user.en ? tenant.en : `App: ${tenant.en}<br>User: ${user.en}`;
}

function codesOf(name: ErrorName): string[] {
  if (name === 'Import.FolderConflict') return [`3 with ${folderConflicts.join(', ')}`];
  const statuses = Object.entries(importStatuses).filter(
    ([, status]) => 'error' in status && status.error === name,
  );
  const codes = Object.entries(apiCodes).filter(([, code]) => {
    if (code.kind === 'token_refused') return name === 'Feishu.TokenRejected';
    if (code.kind === 'transient') return name === 'Feishu.Unavailable';
    return code.kind === 'permanent' && code.error === name;
  });
  return [...statuses, ...codes].map(([code]) => code);
}
