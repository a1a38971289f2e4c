import type { ExecutionStatus, HistoryEvent } from '@aws-sdk/client-sfn';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Execution, Executions } from '../../functions/executions/executions.ts';
import { importReader } from '../../functions/executions/import-reader.ts';

const waiting: HistoryEvent = {
  type: 'WaitStateEntered',
  id: 2,
  timestamp: new Date('2026-11-22T13:00:00Z'),
  stateEnteredEventDetails: { name: 'Wait', input: '{"query":{"queries":1,"job_status":2}}' },
};

function named(name: string): Error {
  return Object.assign(new Error('of AWS'), { name });
}

/** A reader of executions that all have one status, which may change; `asked` is what AWS was asked. */
function startReader(status: ExecutionStatus, history: HistoryEvent[] | Error = [waiting]) {
  const asked: string[] = [];
  const machine = { status: status as ExecutionStatus | undefined };
  async function look(id: string): Promise<Execution | undefined> {
    asked.push(`look ${id}`);
    return machine.status && { ...execution, id, status: machine.status };
  }
  const executions: Executions = {
    look,
    lookPatiently: async (id) => {
      asked.push('patiently');
      return look(id);
    },
    newestEvents: async (id) => {
      asked.push(`history ${id}`);
      if (history instanceof Error) throw history;
      return history;
    },
    start: async () => undefined,
    stop: async () => undefined,
    list: async () => ({ executions: [], cursor: undefined }),
  };
  return { reader: importReader(executions), asked, machine };
}

const execution: Execution = {
  id: '',
  status: 'RUNNING',
  startedAt: new Date(0),
  finishedAt: undefined,
  input: '{"ticket":"a"}',
  output: '{"status":"succeeded"}',
  error: undefined,
  cause: undefined,
};

test('reads a running import with its progress', async () => {
  const { reader, asked } = startReader('RUNNING');

  const resource = await reader.readNow('a');

  expect(resource).toMatchObject({ id: 'a', status: 'running', progress: { queries: 1 } });
  expect(asked).toEqual(['look a', 'history a']);
});

test('asks again about one that runs', async () => {
  const { reader, machine } = startReader('RUNNING');
  await reader.readNow('a');

  machine.status = 'SUCCEEDED';

  expect(await reader.readNow('a')).toMatchObject({ status: 'succeeded' });
});

test.for(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const)(
  'asks no second time about one that is %s',
  async (status) => {
    const { reader, asked } = startReader(status);

    const first = await reader.readNow('a');
    const second = await reader.read('a');

    expect(second).toEqual(first);
    expect(asked).toEqual(['look a']);
  },
);

test('remembers the thousand that it read last, and asks again about others', async () => {
  const { reader, asked } = startReader('SUCCEEDED');
  for (let number = 0; number <= 1000; number++) await reader.readNow(`import-${number}`);
  asked.length = 0;

  await reader.readNow('import-1');
  await reader.readNow('import-1000');
  await reader.readNow('import-0');

  expect(asked).toEqual(['look import-0']);
});

test('remembers nothing of an import that is not there', async () => {
  const { reader, machine } = startReader('RUNNING');
  machine.status = undefined;
  expect(await reader.readNow('a')).toBeUndefined();

  machine.status = 'SUCCEEDED';

  expect(await reader.readNow('a')).toMatchObject({ status: 'succeeded' });
});

test('waits for one that may just have been started only if it is asked to', async () => {
  const { reader, asked } = startReader('RUNNING');

  await reader.read('a');
  await reader.readNow('b');

  expect(asked).toEqual(['patiently', 'look a', 'history a', 'look b', 'history b']);
});

test.for([
  'ThrottlingException',
  'TooManyRequestsException',
  'KmsThrottlingException',
  'ExecutionDoesNotExist',
])('leaves out the progress where AWS answers %s', async (name) => {
  const { reader } = startReader('RUNNING', named(name));

  const resource = await reader.readNow('a');

  expect(resource).toMatchObject({ status: 'running' });
  expect(resource).not.toHaveProperty('progress');
});

test('leaves out the progress where the history says nothing of it', async () => {
  const { reader } = startReader('RUNNING', []);

  expect(await reader.readNow('a')).not.toHaveProperty('progress');
});

test('reads an import though its progress cannot be read for any other reason', async () => {
  const logged = vi.spyOn(console, 'error').mockReturnValue();
  onTestFinished(() => logged.mockRestore());
  const { reader } = startReader('RUNNING', named('AccessDeniedException'));

  expect(await reader.readNow('a')).toMatchObject({ id: 'a', status: 'running' });
  expect(logged).toHaveBeenCalledOnce();
});
