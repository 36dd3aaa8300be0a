/** tocsin: the command line. */
import { systemIo } from './io.ts';
import { main } from './run.ts';

// Set and not ended with: what is still to be written to a pipe must get there.
process.exitCode = await main(process.argv.slice(2), systemIo());
