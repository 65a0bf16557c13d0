// The nodes and credentials as a host of another version gets them: `n8n-workflow` is that host's own.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ICredentialType, INodeType } from 'n8n-workflow';

const root = path.join(__dirname, '..', '..');
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
	devDependencies: Record<string, string>;
	n8n: { nodes: string[]; credentials: string[] };
};

/** Packages of package.json that hold an older n8n-workflow, and today's. */
export const installedWorkflows = Object.keys(manifest.devDependencies).filter((name) =>
	/^n8n-workflow(?:-\d|$)/.test(name),
);

/** How many of each there are. */
export const declared = { nodes: manifest.n8n.nodes.length, credentials: manifest.n8n.credentials.length };

export interface Constructed {
	readonly nodes: ReadonlyMap<string, INodeType>;
	readonly credentials: ReadonlyMap<string, ICredentialType>;
}

const constructed = new Map<string, Constructed>();

/** Loads every module of the pack once for each host and makes one of each class. @param workflow name or folder of an n8n-workflow */
export function constructAll(workflow: string): Constructed {
	const known = constructed.get(workflow) ?? construct(workflow);
	constructed.set(workflow, known);
	return known;
}

function construct(workflow: string): Constructed {
	const nodes = new Map<string, INodeType>();
	const credentials = new Map<string, ICredentialType>();
	jest.isolateModules(() => {
		jest.doMock('n8n-workflow', () => jest.requireActual<object>(workflow));
		for (const file of manifest.n8n.nodes) nodes.set(className(file), make<INodeType>(file));
		for (const file of manifest.n8n.credentials)
			credentials.set(className(file), make<ICredentialType>(file));
		jest.dontMock('n8n-workflow');
	});
	return { nodes, credentials };
}

const className = (file: string) => path.basename(file).split('.', 1)[0] ?? file;

/** As n8n does: the class has the name of its file. */
function make<T>(file: string): T {
	const source = path.join(root, file.replace(/^dist\//, '').replace(/\.js$/, '.ts'));
	const Type = jest.requireActual<Record<string, new () => T>>(source)[className(file)];
	if (!Type) throw new Error(`${source} has no class ${className(file)}`);
	return new Type();
}
