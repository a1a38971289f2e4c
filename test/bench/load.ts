import { measureInFlight } from './load/in-flight.ts';
import { checkForLeaks } from './load/leak-check.ts';
import { loadTargets } from './load/targets.ts';
import { writeResults } from './results.ts';
import { reportTargets } from './targets.ts';

// Takes some three minutes. With a number it runs so many imports, and writes nothing down.

const [imports = 10_000] = process.argv.slice(2).map(Number);
const figures = { inFlight: await measureInFlight(imports), leakCheck: await checkForLeaks() };
console.log(JSON.stringify(figures, null, 2));

if (process.argv.length === 2) writeResults('load', figures);
reportTargets(loadTargets(figures));
