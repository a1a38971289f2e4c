type Equivalent = { file: string; was: string; becomes: string; because: string };

/** Mutants that do what the program does, and why no test can tell them from it. */
export const equivalents: Equivalent[] = [
  {
    file: 'functions/feishu/exchange.ts',
    was: "timeout = new DOMException('', 'TimeoutError');",
    becomes: "timeout = new DOMException('more', 'TimeoutError');",
    because: 'only its name is ever read',
  },
  {
    file: 'functions/feishu/exchange.ts',
    was: "const text = (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString('utf8') ?? '';",
    becomes:
      "const text = (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString('utf8') ?? 'more';",
    because: 'there always is a buffer; only the compiler asks what if not',
  },
  {
    file: 'functions/feishu/http.ts',
    was: "const { error, unsent } = 'error' in came ? came : { error: undefined, unsent: false };",
    becomes:
      "const { error, unsent } = 'error' in came ? came : { error: undefined, unsent: true };",
    because: 'an answer without an error has a status and a body, and has been returned by then',
  },
  {
    file: 'functions/feishu/http.ts',
    was: 'if (sockets.idle === 0 && sockets.comingFree > 0) {',
    becomes: 'if (true) {',
    because: 'waits a turn of the event loop and looks again, with the same result',
  },
  {
    file: 'functions/feishu/http.ts',
    was: ': { idle: 0, comingFree: 0 };',
    becomes: ': { idle: 0, comingFree: 1 };',
    because: 'likewise: there still is no socket after a turn',
  },
  {
    file: 'functions/feishu/kept-text.ts',
    was: 'if (line.length <= longestText) return line;',
    becomes: 'if (false) return line;',
    because: 'only a short cut: what is no longer in code units is no longer in characters',
  },
  {
    file: 'functions/feishu/http.ts',
    was: 'if (sockets.idle === 0 && sockets.comingFree > 0) {',
    becomes: 'if (sockets.idle === 0 && sockets.comingFree >= 0) {',
    because: 'likewise',
  },
  {
    file: 'functions/feishu/exchange.ts',
    was: "const text = (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString('utf8') ?? '';",
    becomes: "const text = (false ? chunks[0] : Buffer.concat(chunks))?.toString('utf8') ?? '';",
    because: 'only spares a copy',
  },
  {
    file: 'functions/feishu/retry-after.ts',
    was: "return (Array.isArray(value) ? value[0] : value)?.trim() ?? '';",
    becomes: 'return ((Array.isArray(value) ? value[0] : value)?.trim());',
    because: 'to both patterns that read it, the text "undefined" is as unreadable as none',
  },
  {
    file: 'functions/feishu/retry-after.ts',
    was: 'return seconds > 0 ? seconds : 0;',
    becomes: 'return seconds >= 0 ? seconds : 0;',
    because: '0 either way',
  },
];
