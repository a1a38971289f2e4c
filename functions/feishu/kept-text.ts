/** Feishu's own texts are kept, but a page of HTML must not fill a Cause. */
const longestText = 500;

/**
 * Makes a function that a text of Feishu's must pass before it is kept: without the secrets that
 * the request carried (an error may echo them), and cut to length between whole characters.
 */
export function keepText(...secrets: string[]): (text: string) => string {
  const hidden = secrets.filter((secret) => secret !== '');
  return (text) => {
    const redacted = hidden.reduce((kept, secret) => kept.replaceAll(secret, '[secret]'), text);
    const characters = Array.from(redacted);
    return characters.length > longestText
      ? `${characters.slice(0, longestText - 1).join('')}…`
      : redacted;
  };
}
