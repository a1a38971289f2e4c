import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  paginateGetExecutionHistory,
  type SFNClient,
  StartExecutionCommand,
  type StartExecutionCommandInput,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';

export type Ended = {
  status: string | undefined;
  /** In the order in which they were entered. */
  states: (string | undefined)[];
  error: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of the execution
  output: any;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of the execution, or a text
  cause: any;
};

type Options = {
  pollMs?: number;
  /** Stops the execution after a time. */
  stop?: { afterMs: number; error: string; cause: string } | undefined;
};

/** Runs an execution to its end and tells the states it went through. */
export async function runToEnd(
  sfn: SFNClient,
  request: StartExecutionCommandInput,
  { pollMs = 5, stop }: Options = {},
): Promise<Ended> {
  const { executionArn } = await sfn.send(new StartExecutionCommand(request));
  if (stop) {
    const { afterMs, error, cause } = stop;
    await sleep(afterMs);
    await sfn.send(new StopExecutionCommand({ executionArn, error, cause }));
  }
  const described = () => sfn.send(new DescribeExecutionCommand({ executionArn }));
  let description = await described();
  while (description.status === 'RUNNING') {
    await sleep(pollMs);
    description = await described();
  }
  const { status, output, error, cause } = description;
  const states: Ended['states'] = [];
  for await (const page of paginateGetExecutionHistory({ client: sfn }, { executionArn })) {
    for (const event of page.events ?? []) {
      if (event.stateEnteredEventDetails) states.push(event.stateEnteredEventDetails.name);
    }
  }
  return {
    status,
    states,
    error,
    output: output && JSON.parse(output),
    cause: cause && jsonOrText(cause),
  };
}

/** A Cause of ours is JSON, one of AWS's need not be. */
function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
