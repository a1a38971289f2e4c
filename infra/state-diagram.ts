type Comparison = {
  Variable?: string;
  NumericEquals?: number;
  StringEquals?: string;
  And?: Comparison[];
};

type State = {
  Type: string;
  Next?: string;
  Default?: string;
  Seconds?: number;
  SecondsPath?: string;
  Choices?: (Comparison & { Next: string })[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
  Error?: string;
  ErrorPath?: string;
};

/** Draws a state machine as a Mermaid diagram: every state, every transition, and why it is taken. */
export function stateDiagram({
  StartAt,
  States,
}: {
  StartAt: string;
  States: Record<string, State>;
}): string {
  const arrows = Object.entries(States).flatMap(([name, state]) => arrowsFrom(name, state));
  return ['stateDiagram-v2', `[*] --> ${StartAt}`, ...arrows].join('\n    ');
}

function arrowsFrom(name: string, state: State): string[] {
  const arrow = (to: string, why?: string) => `${name} --> ${to}${why ? `: ${why}` : ''}`;
  switch (state.Type) {
    case 'Succeed':
      return [arrow('[*]')];
    case 'Fail':
      return [arrow('[*]', state.Error ?? lastKey(state.ErrorPath))];
    default:
      return [
        ...(state.Choices ?? []).map((choice) => arrow(choice.Next, inWords(choice))),
        ...(state.Default ? [arrow(state.Default, 'else')] : []),
        ...(state.Next ? [arrow(state.Next, waitOf(state))] : []),
        ...(state.Catch ?? []).map((caught) => arrow(caught.Next, caught.ErrorEquals.join(', '))),
      ];
  }
}

function waitOf({ Seconds, SecondsPath }: State): string | undefined {
  return Seconds === undefined ? lastKey(SecondsPath) : `${Seconds} s`;
}

function inWords({ Variable, NumericEquals, StringEquals, And }: Comparison): string {
  if (And) return And.map(inWords).join(', ');
  return `${lastKey(Variable)} ${NumericEquals ?? StringEquals}`;
}

function lastKey(path: string | undefined): string | undefined {
  return path?.split('.').at(-1);
}
