// Every field of every operation is given what expressions give: nothing, text, a number, yes, a list, an object.
import path from 'node:path';
import type { IDataObject, INodeProperties, INodeType } from 'n8n-workflow';
import type { ChatEngine } from '../../../support/chatEngine';
import { outputOf } from '../../../support/operation';
import { useFolderForAll } from '../tenants/tenants';
import { all as operations } from './all';
import { asksEngine, type Base, bases, prepare, startEngine } from './bases';

useFolderForAll();
jest.setTimeout(300_000);

let engine: ChatEngine;
beforeAll(async () => {
	engine = await startEngine();
});
afterAll(async () => await engine.close());
beforeAll(prepare);

interface Place {
	/** As in the node: "limit", "options.batching.batchSize", "classes.values.name". */
	readonly path: string;
	readonly field: INodeProperties;
	/** What the fields above it have to be, so that it counts. */
	readonly shown: IDataObject;
}

/** What nobody fills in with an expression. */
const SKIPPED = ['notice', 'credentials', 'hidden', 'button'];

function placesOf(fields: readonly INodeProperties[]): Place[] {
	return fields.flatMap((field) => {
		if (SKIPPED.includes(field.type)) return [];
		// Chosen by the operation itself.
		if (field.name === 'mode') return [];
		const { resource: _, operation: __, mode: ___, ...conditions } = field.displayOptions?.show ?? {};
		const shown = Object.fromEntries(
			Object.entries(conditions).map(([name, values]) => [name, (values ?? [])[0]]),
		) as IDataObject;
		return below(field, field.name).map((place) => ({ ...place, shown }));
	});
}

function below(field: INodeProperties, path: string): Array<Omit<Place, 'shown'>> {
	if (field.type !== 'collection' && field.type !== 'fixedCollection') return [{ path, field }];
	return (field.options ?? []).flatMap((option) => {
		if ('values' in option)
			return option.values.map((value) => ({ path: `${path}.${option.name}.${value.name}`, field: value }));
		return 'type' in option ? below(option, `${path}.${option.name}`) : [];
	});
}

/** The parameters with one of them given by an expression. */
function parametersWith({ parameters }: Base, { path, shown }: Place, value: unknown): IDataObject {
	const given = JSON.parse(JSON.stringify({ ...parameters, ...shown })) as IDataObject;
	const keys = path.split('.');
	const last = keys.pop() ?? '';
	let at: IDataObject = given;
	for (const key of keys) {
		const next = (at[key] ??= {}) as IDataObject | IDataObject[];
		at = Array.isArray(next) ? (next[0] ?? {}) : next;
	}
	at[last] = (() => value) as never;
	return given;
}

async function outcomeOf(name: string, place: Place, value: unknown): Promise<string> {
	const base = bases[name];
	const operation = operations.get(name);
	if (!base || !operation) throw new Error(`There is no base for "${name}"`);
	const isEngine = asksEngine(name);
	const output = await outputOf(operation, {
		...base,
		parameters: parametersWith(base, place, value),
		continueOnFail: true,
		...(isEngine && { node: { credentials: { localEngineApi: { id: '1', name: 'engine' } } } }),
		credentials: (type) =>
			type === 'localEngineApi'
				? { dialect: 'openai', baseUrl: engine.url, chatModel: 'm' }
				: {
						qdrantUrl: 'http://127.0.0.1:1',
						host: '127.0.0.1',
						port: 1,
						database: 'n',
						user: 'n',
						password: '',
					},
	});
	const [first] = output;
	const { error, details, recordWarning } = first?.json ?? {};
	if (typeof recordWarning === 'string') return `400 ${recordWarning}`;
	if (typeof error !== 'string') return 'done';
	return `${Number((details as IDataObject).statusCode)} ${error}`;
}

const NOTHING = [undefined, null];
const SOMETHING = ['', '5', 5, true, ['a', 1], { a: 1 }];
/** They choose what the node does, and a tool's description is read by the agent; none takes a value of an item. */
const CHOOSERS = new Set(['resource', 'operation', 'mode', 'toolDescription', 'descriptionType']);
/** What JavaScript says about a value that nobody looked at. */
const NOT_LOOKED_AT = /Cannot read propert|is not a function|is not iterable|undefined|NaN|\[object Object\]/;

it('every field of every node is tried', () => {
	const { nodes } = jest.requireActual<{ n8n: { nodes: string[] } }>('../../../../package.json').n8n;
	const covered = new Set([...operations.values()].flatMap(({ fields }) => fields.map(({ name }) => name)));
	for (const file of nodes) {
		const name = path.basename(file, '.node.js');
		const module = jest.requireActual<Record<string, new () => INodeType>>(
			`../../../../nodes/${name}/${name}.node.ts`,
		);
		const Node = module[name];
		if (!Node) throw new Error(`${file} exports no ${name}`);
		const { properties, group } = new Node().description;
		// A trigger has no items: its fields take no expressions.
		if (group.includes('trigger')) continue;
		const missed = properties.filter(
			({ name: field, type, displayOptions }) =>
				!covered.has(field) &&
				!CHOOSERS.has(field) &&
				!SKIPPED.includes(type) &&
				// What a model fills in: test/unit/nodes/tools has these.
				displayOptions?.show?.['@tool'] === undefined,
		);
		expect([name, missed.map((field) => field.name)]).toEqual([name, []]);
	}
});

describe.each([...operations.keys()])('%s', (name) => {
	const places = placesOf(operations.get(name)?.fields ?? []);

	it('says which field has no value', async () => {
		const silent: string[] = [];
		for (const place of places) {
			for (const value of NOTHING) {
				const outcome = await outcomeOf(name, place, value);
				if (!outcome.startsWith('400') || !outcome.includes(`"${place.field.displayName}"`))
					silent.push(`${place.path} = ${String(value)}: ${outcome}`);
			}
		}
		expect(silent).toEqual([]);
	});

	it('converts values, or refuses them by the name of the field', async () => {
		const strange: string[] = [];
		for (const place of places) {
			for (const value of SOMETHING) {
				const outcome = await outcomeOf(name, place, value);
				if (outcome.startsWith('500') || NOT_LOOKED_AT.test(outcome))
					strange.push(`${place.path} = ${JSON.stringify(value)}: ${outcome}`);
			}
		}
		expect(strange).toEqual([]);
	});
});
