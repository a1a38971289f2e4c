import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readQueryEvent } from '../../functions/contract/query-step.ts';
import { noMemory } from '../../functions/core/import-decision.ts';

// Executions outlive deployments: what a released version has written must be understood by every
// later one. Each release that remembers something else adds a file, and none is ever changed.

type Recorded = { what: string; query: unknown; understood: object };

const recorded = readdirSync('test/reference')
  .filter((name) => name.startsWith('memories-'))
  .flatMap((name) => {
    const memories: Recorded[] = JSON.parse(readFileSync(`test/reference/${name}`, 'utf8'));
    return memories.map((memory) => [name, memory.what, memory] as const);
  });

test.for(recorded)('%s: understands an execution %s', ([, , { query, understood }]) => {
  const { memory } = readQueryEvent({
    execution_id: 'arn:execution:import:default_a_1',
    started_at: '2026-11-22T13:00:37.967Z',
    input: { ticket: 'a' },
    state: { query },
  });

  // what a release did not remember yet is as if nothing had happened
  expect(memory).toEqual({ ...noMemory, ...understood });
});
