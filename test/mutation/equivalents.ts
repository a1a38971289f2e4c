type Equivalent = { file: string; becomes: string; because: string };

/** Mutants that do what the program does, and why no test can tell them from it. */
export const equivalents: Equivalent[] = [
  {
    file: 'functions/feishu/exchange.ts',
    becomes: "timeout = new DOMException('more', 'TimeoutError');",
    because: 'only its name is ever read',
  },
  {
    file: 'functions/feishu/exchange.ts',
    becomes:
      "const text = (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString('utf8') ?? 'more';",
    because: 'there always is a buffer; only the compiler asks what if not',
  },
  {
    file: 'functions/feishu/http.ts',
    becomes:
      "const { error, unsent } = 'error' in came ? came : { error: undefined, unsent: true };",
    because: 'an answer without an error has a status and a body, and has been returned by then',
  },
];
