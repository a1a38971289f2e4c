/** Mutants that do what the program does, and why no test can tell them from it. */
export const equivalents: { file: string; becomes: string; because: string }[] = [];
