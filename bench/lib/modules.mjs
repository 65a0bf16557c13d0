// The modules of lib as other programs import them: compiled. LOCAL_ENGINE_DIST points elsewhere than ../dist while developing.
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const dist = resolve(process.env.LOCAL_ENGINE_DIST ?? `${root}dist`);
const require = createRequire(import.meta.url);

/** Exports of lib/<name>. */
export const moduleOf = (name) => require(`${dist}/lib/${name}/index.js`);
export { root };
