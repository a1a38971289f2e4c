/** Undefined where the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The fields of a JSON object; none of anything else. */
export function fieldsOf(json: unknown): Fields {
  return isObject(json) ? json : {};
}

/** An integer that a number of JSON holds exactly; undefined where it is none. */
export function integerIn(json: unknown): number | undefined {
  return Number.isSafeInteger(json) ? Number(json) : undefined;
}

/** A number of seconds, which is never less than 0; undefined where it is none. */
export function secondsIn(json: unknown): number | undefined {
  return typeof json === 'number' && Number.isFinite(json) && json >= 0 ? json : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** Whether it is a JSON object: a list is none. */
export function isObject(json: unknown): json is Fields {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
