import { join } from 'node:path';

// Programs of the library's own processes are TypeScript here: they run with the loader of this process
// (lib/support/process/ownProcess.ts), which jest's own is not.
process.execArgv.push('-r', join(__dirname, 'typescript.cjs'));
