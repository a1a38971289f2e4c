type Equivalent = { file: string; was: string; becomes: string; because: string };

/** Mutants that do what the program does, and why no test can tell them from it. */
export const equivalents: Equivalent[] = [
  {
    file: 'functions/feishu/exchange.ts',
    was: "const text = (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString('utf8') ?? '';",
    becomes:
      "const text = (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString('utf8') ?? 'more';",
    because: 'there always is a buffer; only the compiler asks what if not',
  },
  {
    file: 'functions/feishu/undici-client.ts',
    was: 'return slash < 0',
    becomes: 'return slash <= 0',
    because: 'no address begins with a slash',
  },
  {
    file: 'functions/feishu/undici-client.ts',
    was: 'return slash < 0',
    becomes: 'return slash < 1',
    because: 'likewise',
  },
  {
    file: 'functions/feishu/import-query.ts',
    was: 'if (known) return known;',
    becomes: 'if (false) return known;',
    because: 'only takes longer',
  },
  {
    file: 'functions/feishu/import-query.ts',
    was: 'keepers.set(token, keep);',
    becomes: ';',
    because: 'likewise',
  },
  {
    file: 'functions/feishu/kept-text.ts',
    was: 'pieces ??= secretPieces(hidden);',
    becomes: 'pieces = secretPieces(hidden);',
    because: 'likewise',
  },
  {
    file: 'functions/feishu/kept-text.ts',
    was: 'if (!pieces.mayBeIn(compact)) return text;',
    becomes: 'if (false) return text;',
    because: 'likewise: the whole look comes to the same',
  },
  {
    file: 'functions/feishu/kept-text.ts',
    was: 'if (isHidden.size === 0) return text;',
    becomes: 'if (false) return text;',
    because: 'likewise',
  },
  {
    file: 'functions/feishu/kept-text.ts',
    was: "return isHidden.has(place - 1) ? '' : '[secret]';",
    becomes: "return isHidden.has(place + 1) ? '' : '[secret]';",
    because: 'says it once for a run of hidden characters either way',
  },
  {
    file: 'functions/feishu/kept-text.ts',
    was: 'if (/^[!-~]*$/.test(text)) return { compact: text.toLowerCase(), placeOf: (index) => index };',
    becomes: 'if (false) return { compact: text.toLowerCase(), placeOf: (index) => index };',
    because: 'only takes longer',
  },
  {
    file: 'functions/feishu/kept-text.ts',
    was: 'if (kept.length <= longestText) return kept;',
    becomes: 'if (kept.length < longestText) return kept;',
    because: 'what is as long is kept whole further down',
  },
  {
    file: 'functions/feishu/kept-text.ts',
    was: 'if (kept.length <= longestText) return kept;',
    becomes: 'if (false) return kept;',
    because: 'only a short cut: what is no longer in code units is no longer in characters',
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
  {
    file: 'functions/feishu/token-provider.ts',
    was: "if (answer.kind === 'token') {",
    becomes: 'if (true) {',
    because: 'without a life it is kept for no time at all',
  },
];
