import { createRequire } from 'node:module';
import path from 'node:path';
import type * as Tools from '@langchain/core/tools';
import type * as VectorStores from '@langchain/core/vectorstores';
import type * as Zod from 'zod';

/** What of n8n's own packages the sub-nodes take. */
interface HostModules {
	readonly '@langchain/core/tools': typeof Tools;
	readonly '@langchain/core/vectorstores': typeof VectorStores;
	readonly zod: typeof Zod;
}

/**
 * A module as the n8n around us has it, loaded when a flow needs it. Only that very copy will do, because n8n's nodes ask
 * `instanceof`. n8n puts its modules on NODE_PATH, which Node reads after the folders above this file (where an operator
 * may have another copy) and not at all for `import()`: so it is asked first here.
 */
export function fromHost<Name extends keyof HostModules>(name: Name): HostModules[Name] {
	const require = createRequire(__filename);
	const paths = (process.env.NODE_PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
	return require(resolveFrom(require, name, paths)) as HostModules[Name];
}

function resolveFrom(require: NodeJS.Require, name: string, paths: string[]): string {
	if (paths.length === 0) return name;
	try {
		return require.resolve(name, { paths });
	} catch {
		return name;
	}
}
