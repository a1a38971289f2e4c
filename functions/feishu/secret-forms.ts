/** Fewer characters than this of a secret are of no use to anybody, and may stand in any text. */
export const shortestPiece = 12;

/** An encoding of fewer is as likely a word. */
const shortestEncoding = 6;

/**
 * A secret as a text may hold it: as it is, and as it comes through an address, JSON, HTML, or a header
 * such as `Authorization: Basic`. All in lower case and without separators.
 */
export function formsOf(secret: string): string[] {
  const text = secret.toWellFormed();
  const encoded = [
    encodeURIComponent(text),
    JSON.stringify(text).slice(1, -1),
    text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`),
    text.replace(/[&<>"]/g, (character) => htmlEntities[character] ?? character),
    Buffer.from(text).toString('hex'),
    ...base64Forms(text),
  ].filter(({ length }) => length >= shortestEncoding);
  const forms = [text, ...encoded].map((form) => form.replace(separators, '').toLowerCase());
  return [...new Set(forms)].filter((form) => form !== '');
}

/** What is looked for: every piece of a long form, and short forms as a whole. */
export type SecretPieces = {
  /** Whether a text may hold a piece. Hardly any does, and this is told at a glance. */
  mayBeIn(text: string): boolean;
  long(): ReadonlySet<string>;
  short: readonly string[];
};

const halfPiece = shortestPiece / 2;

export function secretPieces(secrets: readonly string[]): SecretPieces {
  const forms = secrets.flatMap(formsOf);
  const short = forms.filter(({ length }) => length < shortestPiece);
  const halves = partsOf(forms, halfPiece);
  let long: ReadonlySet<string> | undefined;
  return {
    mayBeIn(text) {
      if (short.length > 0) return true;
      // wherever a piece begins, one of these lies within it
      for (let start = 0; start + halfPiece <= text.length; start += halfPiece) {
        if (halves.has(text.slice(start, start + halfPiece))) return true;
      }
      return false;
    },
    long() {
      long ??= partsOf(forms, shortestPiece);
      return long;
    },
    short,
  };
}

function partsOf(forms: readonly string[], length: number): ReadonlySet<string> {
  const parts = new Set<string>();
  for (const form of forms) {
    for (let start = 0; start + length <= form.length; start++) {
      parts.add(form.slice(start, start + length));
    }
  }
  return parts;
}

/** What a text may be broken with. */
export const separators = /[\s\p{Cc}\p{Cf}]/gu;

const htmlEntities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Base64 looks different at each of the three places that a text may have in what is encoded. */
function base64Forms(text: string): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]);
    // the first and the last character may depend on what stands beside it
    const [start, end] = [Math.ceil((shift * 8) / 6), Math.floor((bytes.length * 8) / 6)];
    return (['base64', 'base64url'] as const).map((name) => bytes.toString(name).slice(start, end));
  });
}
