// npm run build: dist/ from nothing. `npm start`, benches and evaluations build by themselves when a source has changed.
import { build } from './lib/build.mjs';
import { runMain } from './lib/problem.mjs';

await runMain(() => build(process.execPath));
