/** The fields of a JSON body; none where it is no JSON. */
export function parseJson(body: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
}

export const parseForm = (body: string): Record<string, unknown> =>
  Object.fromEntries(new URLSearchParams(body));
