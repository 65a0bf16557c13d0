// What workflows hold by name, and what therefore never changes again: see docs/updating.md.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ICredentialType, INodeProperties, INodeType } from 'n8n-workflow';

const root = path.join(__dirname, '..', '..');

/** "name", "collection.name", "name = option": what a workflow may hold for these fields. */
function namesOf(fields: readonly INodeProperties[], before = ''): string[] {
	return fields.flatMap((field) => {
		if (['notice', 'callout', 'button', 'credentials'].includes(field.type)) return [];
		const name = `${before}${field.name}`;
		const inner = (field.options ?? []).flatMap((option) => {
			if ('values' in option) return namesOf(option.values, `${name}.${option.name}.`);
			if ('type' in option) return namesOf([option], `${name}.`);
			return [`${name} = ${String(option.value)}`];
		});
		return [name, ...inner];
	});
}

const sorted = (names: readonly string[]): string[] => [...new Set(names)].sort();

type Typed = { readonly [name: string]: readonly string[] };

/** Types by their file in package.json, as n8n loads them. */
function typesOf(kind: 'nodes' | 'credentials'): Array<new () => INodeType | ICredentialType> {
	const { n8n } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
		n8n: { nodes: string[]; credentials: string[] };
	};
	return n8n[kind].map((file) => {
		const source = path.join(root, file.replace(/^dist\//, '').replace(/\.js$/, ''));
		const name = path.basename(source).split('.')[0] ?? '';
		return jest.requireActual<Record<string, new () => INodeType | ICredentialType>>(source)[name]!;
	});
}

export interface Promises {
	/** By the node's name: its versions, parameters and option values. */
	readonly nodes: Typed;
	/** By the credential's name: its fields. */
	readonly credentials: Typed;
	/** By the template's file: the addresses of its webhooks. */
	readonly webhooks: Typed;
}

export function promisesOfNow(): Promises {
	const nodes = typesOf('nodes').map((Type): [string, string[]] => {
		const { description } = new Type() as INodeType;
		const versions = [description.version].flat().map((version) => `version ${version}`);
		const credentials = (description.credentials ?? []).map(({ name }) => `credential ${name}`);
		return [description.name, sorted([...versions, ...credentials, ...namesOf(description.properties)])];
	});
	const credentials = typesOf('credentials').map((Type): [string, string[]] => {
		const { name, properties } = new Type() as ICredentialType;
		return [name, sorted(namesOf(properties))];
	});
	const folder = path.join(root, 'workflows');
	const webhooks = readdirSync(folder)
		.filter((file) => file.endsWith('.json'))
		.map((file): [string, string[]] => {
			const { nodes: all } = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as {
				nodes: Array<{ type: string; parameters: { path?: string; httpMethod?: string } }>;
			};
			const own = all.filter(({ parameters }) => typeof parameters.path === 'string');
			return [
				file,
				sorted(own.map(({ parameters }) => `${parameters.httpMethod ?? 'any'} ${parameters.path}`)),
			];
		})
		.filter(([, paths]) => paths.length > 0);
	return {
		nodes: Object.fromEntries(nodes.sort()),
		credentials: Object.fromEntries(credentials.sort()),
		webhooks: Object.fromEntries(webhooks),
	};
}

/** What was promised and is no longer there, as "what: name". */
export function broken(promised: Promises, now: Promises): string[] {
	return (['nodes', 'credentials', 'webhooks'] as const).flatMap((kind) =>
		Object.entries(promised[kind]).flatMap(([type, names]) => {
			const kept = new Set(now[kind][type] ?? []);
			return names.filter((name) => !kept.has(name)).map((name) => `${kind} ${type}: ${name}`);
		}),
	);
}
