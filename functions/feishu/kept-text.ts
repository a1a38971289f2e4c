import { type SecretPieces, secretPieces, separators, shortestPiece } from './secret-forms.ts';

/** Feishu's own texts are kept, but a page of HTML must not fill a Cause. */
export const longestText = 500;

/** Of a whole page, so much is looked through for what is kept. */
const longestLook = 5000;

/**
 * Makes a function that a text of Feishu's must pass before it is kept: without the secrets that
 * the request carried (an error may echo them: whole, in pieces, or encoded), on one line of whole
 * characters, and cut to length. What it looks for is found out once, at the first text.
 */
export function keepText(...secrets: string[]): (text: string) => string {
  const hidden = secrets.filter((secret) => secret !== '');
  let pieces: SecretPieces | undefined;
  return (text) => {
    pieces ??= secretPieces(hidden);
    const line = text.replace(/[\s\p{Cc}]+/gu, ' ').slice(0, longestLook);
    const redacted = hidden.reduce((kept, secret) => kept.replaceAll(secret, '[secret]'), line);
    const kept = withoutPieces(redacted, pieces).toWellFormed();
    if (kept.length <= longestText) return kept;
    const characters = Array.from(kept);
    return characters.length > longestText
      ? `${characters.slice(0, longestText - 1).join('')}…`
      : kept;
  };
}

/** Looks past what a text may be broken with, and hides the breaks together with the pieces. */
function withoutPieces(text: string, pieces: SecretPieces): string {
  const { compact, placeOf } = compacted(text);
  if (!pieces.mayBeIn(compact)) return text;
  const { short } = pieces;
  const long = pieces.long();
  const isHidden = new Set<number>();
  function hide(start: number, length: number) {
    const [first, last] = [placeOf(start), placeOf(start + length - 1)];
    for (let place = first; place <= last; place++) isHidden.add(place);
  }

  for (let start = 0; start + shortestPiece <= compact.length; start++) {
    if (long.has(compact.slice(start, start + shortestPiece))) hide(start, shortestPiece);
  }
  for (const form of short) {
    for (let at = compact.indexOf(form); at >= 0; at = compact.indexOf(form, at + 1)) {
      hide(at, form.length);
    }
  }
  if (isHidden.size === 0) return text;
  return Array.from({ length: text.length }, (_, place) => {
    if (!isHidden.has(place)) return text.charAt(place);
    return isHidden.has(place - 1) ? '' : '[secret]';
  }).join('');
}

/** A text in lower case and without separators, and where each of its characters stood. */
function compacted(text: string): { compact: string; placeOf: (index: number) => number } {
  // most texts are plain, and there is one with every query
  if (/^[!-~]*$/.test(text)) return { compact: text.toLowerCase(), placeOf: (index) => index };
  const places: number[] = [];
  let compact = '';
  for (const { 0: character, index } of text.matchAll(/./gsu)) {
    const plain = character.replace(separators, '').toLowerCase();
    for (let count = 0; count < plain.length; count++) places.push(index);
    compact += plain;
  }
  return { compact, placeOf: (index) => places[index] ?? 0 };
}
