/** Feishu's own texts are kept, but a page of HTML must not fill a Cause. */
export const longestText = 500;

/**
 * Makes a function that a text of Feishu's must pass before it is kept: without the secrets that
 * the request carried (an error may echo them), on one line of whole characters, and cut to length.
 */
export function keepText(...secrets: string[]): (text: string) => string {
  const hidden = secrets.filter((secret) => secret !== '');
  return (text) => {
    const redacted = hidden.reduce((kept, secret) => kept.replaceAll(secret, '[secret]'), text);
    const line = redacted.toWellFormed().replace(/[\s\p{Cc}]+/gu, ' ');
    if (line.length <= longestText) return line;
    const characters = Array.from(line);
    return characters.length > longestText
      ? `${characters.slice(0, longestText - 1).join('')}…`
      : line;
  };
}
