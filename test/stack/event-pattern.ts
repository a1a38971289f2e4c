type Pattern = { [key: string]: Pattern | Condition[] };
type Condition = string | { prefix: string } | { 'anything-but': string[] } | { exists: boolean };

/** Whether EventBridge would match an event, for the parts of its language that our rules use. */
export function matches(pattern: Pattern, event: unknown): boolean {
  return Object.entries(pattern).every(([key, wanted]) => {
    if (key === '$or') return (wanted as Pattern[]).some((either) => matches(either, event));
    const value = (event as Record<string, unknown> | undefined)?.[key];
    return Array.isArray(wanted)
      ? wanted.some((condition) => meets(condition as Condition, value))
      : matches(wanted, value);
  });
}

function meets(condition: Condition, value: unknown): boolean {
  if (typeof condition === 'string') return value === condition;
  if ('exists' in condition) return condition.exists === (value !== undefined);
  if (typeof value !== 'string') return false;
  if ('prefix' in condition) return value.startsWith(condition.prefix);
  if ('anything-but' in condition) return !condition['anything-but'].includes(value);
  throw new Error(`${JSON.stringify(condition)} is not understood here`);
}
