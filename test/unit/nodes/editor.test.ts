// What the editor shows of each node and credential: every field explained, alike in all nodes, shown only where it does something.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type {
	ICredentialType,
	INodeCredentialDescription,
	INodeProperties,
	INodePropertyOptions,
	INodeType,
} from 'n8n-workflow';

const root = path.join(__dirname, '..', '..', '..');
const { n8n } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
	n8n: { nodes: string[]; credentials: string[] };
};

interface Part {
	readonly name: string;
	readonly properties: readonly INodeProperties[];
	/** Credentials that the node takes whatever its fields say. */
	readonly taken?: readonly INodeCredentialDescription[];
}

const classOf = <T>(built: string): T => {
	const source = path.join(root, built.replace(/^dist\//, '').replace(/\.js$/, '.ts'));
	const [type] = Object.values(jest.requireActual<Record<string, new () => T>>(source));
	if (!type) throw new Error(`${source} exports nothing`);
	return new type();
};

const nodes: Part[] = n8n.nodes.map((file) => {
	const { description } = classOf<INodeType>(file);
	const taken = (description.credentials ?? []).filter(({ displayOptions }) => !displayOptions);
	return { name: description.displayName, properties: description.properties, taken };
});
const credentials: Part[] = n8n.credentials.map((file) => {
	const { displayName, properties } = classOf<ICredentialType>(file);
	return { name: displayName, properties };
});

// n8n calls each of them "Credential" where it has no name of its own.
it('two credentials of a node have labels that tell them apart', () => {
	const labels = nodes
		.filter(({ taken = [] }) => taken.length > 1)
		.map(({ taken = [] }) => taken.map((each) => each.displayName));
	expect(labels.length).toBeGreaterThan(3);
	for (const each of labels) {
		expect(each).not.toContain(undefined);
		expect(new Set(each).size).toBe(each.length);
	}
});

it('a credential that a node can do without says so', () => {
	const silent = n8n.nodes.flatMap((file) => {
		const { displayName, credentials: listed = [] } = classOf<INodeType>(file).description;
		return listed
			.filter((each) => !each.required && each.displayName?.endsWith(' (Optional)') !== true)
			.map((each) => `${displayName}: ${each.name}`);
	});
	expect(silent).toEqual([]);
});

interface Field {
	readonly part: string;
	readonly where: string;
	readonly field: INodeProperties;
	/** The fields beside it. */
	readonly siblings: readonly INodeProperties[];
	/** The top-level field it stands in, or itself. */
	readonly top: INodeProperties;
	readonly roots: readonly INodeProperties[];
}

const isField = (option: object): option is INodeProperties => 'type' in option && 'displayName' in option;
const isGroup = (
	option: object,
): option is { name: string; displayName: string; values: INodeProperties[] } =>
	'values' in option && Array.isArray(option.values);
const isChoice = (option: object): option is INodePropertyOptions => 'value' in option;

/** Every field of a part, those inside collections too. */
function fieldsOf(part: Part): Field[] {
	const below = (siblings: readonly INodeProperties[], where: string, top?: INodeProperties): Field[] =>
		siblings.flatMap((field) => {
			const here = `${where} → ${field.displayName}`;
			const self = {
				part: part.name,
				where: here,
				field,
				siblings,
				top: top ?? field,
				roots: part.properties,
			};
			const options = field.options ?? [];
			return [
				self,
				...below(options.filter(isField), here, self.top),
				...options.filter(isGroup).flatMap((group) => below(group.values, here, self.top)),
			];
		});
	return below(part.properties, part.name);
}

const allFields = [...nodes, ...credentials].flatMap(fieldsOf);
/** Resource and operation need no sentence: their entries have one each. */
const needsDescription = ({ field }: Field) =>
	!['notice', 'callout', 'button', 'hidden'].includes(field.type) &&
	!['resource', 'operation'].includes(field.name);
const conditionsOf = (field: INodeProperties) =>
	Object.entries({ ...field.displayOptions?.show, ...field.displayOptions?.hide });
const isBroughtUp = (field: INodeProperties) =>
	conditionsOf(field).some(([key]) => !['resource', 'operation'].includes(key));
const choicesOf = (field: INodeProperties) => (field.options ?? []).filter(isChoice);

/** Names that mean something else in each node that has them, as people of its field call it. */
const ownMeaning = new Set([
	'concurrency', // loads to measure, against requests in flight
	'filter', // over metadata of rows, against the choice of records
	'maxTokens', // of an answer, against of an exchange that is kept
	'mode', // how to search, against what n8n's own vector stores call the operation
	'model', // a list of the engine's models, against a name that records carry
	'passagesField', // passages found, against passages expected
	'rerank', // an own field, against an option
	'vectors', // to make, against to hand out
]);

describe('in the editor', () => {
	it('every field has a description', () => {
		const bare = allFields
			.filter(needsDescription)
			.filter(({ field }) => (field.description ?? '').length < 10);
		expect(bare.map(({ where }) => where)).toEqual([]);
	});

	it('every operation has a sentence and an action for the node panel', () => {
		const operations = allFields
			.filter(({ field }) => field.name === 'operation')
			.flatMap(({ field, part }) => choicesOf(field).map((choice) => ({ part, choice })));
		expect(operations.length).toBeGreaterThan(20);
		const bare = operations.filter(({ choice }) => !choice.description || !choice.action);
		expect(bare.map(({ part, choice }) => `${part}: ${choice.name}`)).toEqual([]);
	});

	// The panel goes through every list of resources, and takes the first list of operations for each (resourceCategories of its editor).
	it('the node panel lists every action once', () => {
		for (const file of n8n.nodes) {
			const { properties } = classOf<INodeType>(file).description;
			const resources = properties.filter(({ name }) => name === 'resource').flatMap(choicesOf);
			const actions = resources.flatMap(({ value }) => {
				const operations = properties.find(
					({ name, displayOptions }) =>
						name === 'operation' && displayOptions?.show?.resource?.includes(value as string),
				);
				return operations ? choicesOf(operations).map(({ action }) => action) : [];
			});
			expect([file, actions]).toEqual([file, [...new Set(actions)]]);
		}
	});

	it('the line below a node names its operation in the words of the list', () => {
		for (const file of n8n.nodes) {
			const { description } = classOf<INodeType>(file);
			const operations = description.properties.filter(({ name }) => name === 'operation');
			for (const { options = [], displayOptions } of operations) {
				const [resource] = displayOptions?.show?.resource ?? [];
				for (const { name, value } of options.filter(isChoice)) {
					const entry = JSON.stringify({ [`${resource as string}.${String(value)}`]: name }).slice(1, -1);
					expect(description.subtitle).toContain(entry);
				}
			}
		}
	});

	it('the line below a node without operations is in words of its form too', () => {
		for (const file of n8n.nodes) {
			const { subtitle = '', properties } = classOf<INodeType>(file).description;
			if (properties.some(({ name }) => name === 'operation')) continue;
			for (const [, name = ''] of subtitle.matchAll(/\$parameter\["(\w+)"\]/g)) {
				const field = properties.find((each) => each.name === name);
				if (field?.type !== 'options') continue;
				// Compared with a value it is not shown itself.
				if (new RegExp(`\\$parameter\\["${name}"\\] ===`).test(subtitle)) continue;
				for (const choice of choicesOf(field))
					expect([file, subtitle]).toEqual([file, expect.stringContaining(JSON.stringify(choice.name))]);
			}
		}
	});

	it('no two entries of one list have the same name or value', () => {
		for (const { where, field } of allFields) {
			for (const key of ['name', 'value'] as const) {
				const all = choicesOf(field).map((choice) => choice[key]);
				expect([where, all]).toEqual([where, [...new Set(all)]]);
			}
		}
	});

	it('long lists are in the order of the alphabet, as n8n’s own; the default may stand first', () => {
		for (const { where, field } of allFields) {
			if (!['options', 'multiOptions', 'collection', 'fixedCollection'].includes(field.type)) continue;
			const options = field.options ?? [];
			const isDefaultFirst = choicesOf(field)[0]?.value === field.default;
			const names = options
				.slice(isDefaultFirst ? 1 : 0)
				.map((option) => (isField(option) || isGroup(option) ? option.displayName : option.name));
			if (options.length < 5) continue;
			const sorted = [...names].sort((a, b) => a.localeCompare(b, 'en', { sensitivity: 'base' }));
			expect([where, names]).toEqual([where, sorted]);
		}
	});

	it('a field that two nodes share has one label and one type', () => {
		const seen = new Map<string, string[]>();
		for (const { part, field, top } of nodes.flatMap(fieldsOf)) {
			// The form of a tool has values in place of names of fields.
			if (top.displayOptions?.show?.['@tool']) continue;
			const entry = `${field.displayName} (${field.type})`;
			const known = seen.get(field.name) ?? [];
			if (!known.some((other) => other.startsWith(entry)))
				seen.set(field.name, [...known, `${entry}: ${part}`]);
		}
		const different = [...seen].filter(([name, entries]) => entries.length > 1 && !ownMeaning.has(name));
		expect(Object.fromEntries(different)).toEqual({});
	});

	it('every condition names a field that is there, and a value that it can have', () => {
		const dead: string[] = [];
		for (const { where, field, siblings, roots } of allFields) {
			for (const [key, values] of conditionsOf(field)) {
				if (key.startsWith('@')) continue;
				const candidates = (key.startsWith('/') ? roots : siblings).filter(
					({ name }) => name === key.replace(/^\//, '').split('.')[0],
				);
				const wanted = (values ?? []).filter((value) => typeof value !== 'object');
				const possible = candidates.flatMap((each) =>
					each.type === 'boolean' ? [true, false] : choicesOf(each).map(({ value }) => value),
				);
				if (candidates.length === 0) dead.push(`${where}: no field "${key}"`);
				else if (possible.length > 0)
					for (const value of wanted)
						if (!possible.includes(value as string))
							dead.push(`${where}: "${key}" is never ${String(value)}`);
			}
		}
		expect(dead).toEqual([]);
	});

	it('fields that operations share come in the same order; one that another brings up stands below it', () => {
		const orders = nodes.flatMap((part) =>
			operationsOf(part).map(({ title, fields }) => ({
				title,
				names: fields.filter((field) => !isBroughtUp(field)).map(({ displayName }) => displayName),
			})),
		);
		const before = new Map<string, string>();
		const swapped: string[] = [];
		for (const { title, names } of orders) {
			for (const [at, first] of names.entries()) {
				for (const second of names.slice(at + 1)) {
					const other = before.get(`${second}|${first}`);
					if (other !== undefined && first !== second)
						swapped.push(`"${first}" is above "${second}" in ${title}, below it in ${other}`);
					before.set(`${first}|${second}`, title);
				}
			}
		}
		expect(swapped).toEqual([]);
	});

	it('every field is shown somewhere, and its conditions are fields that are shown with it', () => {
		const unreachable: string[] = [];
		for (const part of nodes) {
			const operations = operationsOf(part);
			for (const field of part.properties) {
				const shown = operations.filter(({ fields }) => fields.includes(field));
				if (shown.length === 0 && !['resource', 'operation'].includes(field.name))
					unreachable.push(`${part.name} → ${field.displayName} is never shown`);
				for (const { title, fields } of shown) {
					for (const [key] of conditionsOf(field)) {
						if (key.startsWith('@') || ['resource', 'operation'].includes(key)) continue;
						if (!fields.some(({ name }) => name === key.replace(/^\//, '').split('.')[0]))
							unreachable.push(`${title} → ${field.displayName}: "${key}" is not there`);
					}
				}
			}
		}
		expect(unreachable).toEqual([]);
	});
});

/**
 * n8n hides a field, and Resource and Operation with it, where each of its choices needs a credential: it takes it for the choice of
 * authentication, which belongs into the credential (findAlternativeAuthField of its editor).
 */
it.each(n8n.nodes)('no field of %s is taken for a choice of credentials', (file) => {
	const { credentials: declared = [], properties } = classOf<INodeType>(file).description;
	const needed = new Map<string, unknown[]>();
	for (const { displayOptions } of declared)
		for (const [name, values = []] of Object.entries(displayOptions?.show ?? {}))
			needed.set(name, [...(needed.get(name) ?? []), ...values]);
	const hidden = properties.filter(({ name, options = [] }) => {
		const values = needed.get(name);
		const choices = options.filter(isChoice);
		return values !== undefined && choices.length > 0 && choices.every(({ value }) => values.includes(value));
	});
	expect(hidden.map(({ name, displayOptions }) => ({ name, displayOptions }))).toEqual([]);
});

/** Each operation of a node with the top-level fields it can show, in their order; a node without operations is one. */
function operationsOf({ name, properties }: Part) {
	const listed = properties
		.filter((field) => field.name === 'operation')
		.flatMap((field) => {
			const resources = field.displayOptions?.show?.resource ?? [undefined];
			return resources.flatMap((resource) =>
				choicesOf(field).map(({ name: title, value }) => ({
					title: `${name} → ${title}`,
					resource,
					operation: value,
				})),
			);
		});
	const all = listed.length > 0 ? listed : [{ title: name, resource: undefined, operation: undefined }];
	return all.map(({ title, resource, operation }) => ({
		title,
		fields: properties.filter((field) => {
			if (['resource', 'operation'].includes(field.name)) return false;
			const { resource: resources, operation: operations } = field.displayOptions?.show ?? {};
			return (
				(!resources || resources.includes(resource as string)) &&
				(!operations || operations.includes(operation as string))
			);
		}),
	}));
}
