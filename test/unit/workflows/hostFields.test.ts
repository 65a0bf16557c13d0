// The templates use nodes of n8n itself, too: with operations, fields and choices that the n8n of host/ has in the version they name.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { INodeProperties, INodeTypeDescription } from 'n8n-workflow';
import { template } from '../../support/n8n';

const root = path.join(__dirname, '..', '..', '..');
const described = (folder: string, prefix: string): INodeTypeDescription[] =>
	(
		JSON.parse(
			readFileSync(path.join(root, 'host', 'node_modules', folder, 'dist', 'types', 'nodes.json'), 'utf8'),
		) as INodeTypeDescription[]
	).map((each) => ({ ...each, name: `${prefix}.${each.name.split('.').at(-1)}` }));
const descriptions = described('n8n-nodes-base', 'n8n-nodes-base');

type Values = Record<string, unknown>;
const isValues = (value: unknown): value is Values =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const isExpression = (value: unknown): boolean => typeof value === 'string' && value.startsWith('=');

/** What is wrong with the parameters of a node. */
function problemsOf(type: string, version: number, parameters: Values): string[] {
	const found = descriptions.find(
		(each) => each.name === type && [each.version].flat().some((one) => one === version),
	);
	if (!found) return [`there is no ${type} of version ${version}`];
	return problemsIn(found.properties, parameters, '', (field) =>
		isShown(field, found.properties, parameters, version),
	);
}

function problemsIn(
	fields: readonly INodeProperties[],
	values: Values,
	at: string,
	shown: (field: INodeProperties) => boolean,
): string[] {
	const problems = Object.entries(values).flatMap(([name, value]): string[] => {
		const where = `${at}${name}`;
		const named = fields.filter((field) => field.name === name && shown(field));
		if (named.length === 0) return [`${where} is no field`];
		return named.flatMap((field) => problemsOfValue(field, value, where));
	});
	// Within a list, and where a version or a condition decides, other fields may stand in for it.
	const missing = at === '' ? fields.filter((field) => isMissing(field, values) && shown(field)) : [];
	return [...problems, ...missing.map(({ name }) => `${at}${name} is required`)];
}

function isMissing(
	{ name, required, default: preset, displayOptions = {} }: INodeProperties,
	values: Values,
): boolean {
	const conditions = Object.entries({ ...displayOptions.show, ...displayOptions.hide });
	const isCertain = conditions.every(
		([each, wanted]) => each !== '@version' && ![wanted].flat().some(isValues),
	);
	return required === true && isCertain && (preset === '' || preset === undefined) && !(name in values);
}

function problemsOfValue(
	{ type, options = [], typeOptions }: INodeProperties,
	value: unknown,
	where: string,
): string[] {
	const inside = options as ReadonlyArray<INodeProperties & { value?: unknown; values?: INodeProperties[] }>;
	const always = () => true;
	if (type === 'collection' && isValues(value)) return problemsIn(inside, value, `${where}.`, always);
	if (type === 'fixedCollection' && isValues(value))
		return Object.entries(value).flatMap(([group, rows]) => {
			const fields = inside.find(({ name }) => name === group)?.values;
			if (!fields) return [`${where}.${group} is no group`];
			return [rows].flat().flatMap((row) => problemsIn(fields, row as Values, `${where}.${group}.`, always));
		});
	if (!/^(?:options|multiOptions)$/.test(type) || isExpression(value) || typeOptions?.loadOptionsMethod)
		return [];
	const choices = inside.map((each) => each.value);
	return [value]
		.flat()
		.flatMap((one) => (choices.includes(one) ? [] : [`${where} has no choice ${JSON.stringify(one)}`]));
}

/** Whether a field is in the form, as far as other fields of the node decide it. */
function isShown(
	field: INodeProperties,
	all: readonly INodeProperties[],
	values: Values,
	version: number,
): boolean {
	const valueOf = (name: string): unknown =>
		name === '@version'
			? version
			: (values[name.replace(/^\//, '')] ??
				all.find((each) => each.name === name && isShown(each, all, { ...values, [name]: 0 }, version))
					?.default);
	const fits = ([name, wanted]: [string, unknown]): boolean => {
		const list = [wanted].flat();
		// Conditions on versions are for n8n to read.
		if (list.some(isValues)) return true;
		return [valueOf(name)].flat().some((value) => list.includes(value));
	};
	const { show = {}, hide = {} } = field.displayOptions ?? {};
	const hides = Object.entries(hide).filter(([, wanted]) => ![wanted].flat().some(isValues));
	return Object.entries(show).every(fits) && !hides.some(fits);
}

const names = readdirSync(path.join(root, 'workflows'))
	.filter((name) => name.endsWith('.json'))
	.map((name) => name.slice(0, -'.json'.length));

it.each(names)('%s uses fields that n8n’s own nodes have', (name) => {
	const problems = template(name).nodes.flatMap((node) => {
		const { type, parameters, typeVersion } = node as typeof node & { typeVersion: number };
		if (!type.startsWith('n8n-nodes-base.')) return [];
		return problemsOf(type, typeVersion, parameters).map((problem) => `${node.name}: ${problem}`);
	});
	expect(problems).toEqual([]);
});

describe('it would be seen', () => {
	const s3 = { resource: 'bucket', operation: 'search', bucketName: 'documents', returnAll: true };
	it.each<[string, Values, string]>([
		['an operation that does not exist', { ...s3, operation: 'find' }, 'operation has no choice "find"'],
		['a field of another operation', { ...s3, fileKey: 'a' }, 'fileKey is no field'],
		[
			'an option that does not exist',
			{ ...s3, additionalFields: { prefixes: '' } },
			'additionalFields.prefixes is no field',
		],
		['a field that is required', { ...s3, bucketName: undefined }, 'bucketName is required'],
	])('%s', (_, { ...parameters }, problem) => {
		for (const [key, value] of Object.entries(parameters)) if (value === undefined) delete parameters[key];
		expect(problemsOf('n8n-nodes-base.s3', 1, parameters)).toContain(problem);
	});
	it('a version that does not exist', () => {
		expect(problemsOf('n8n-nodes-base.s3', 9, s3)).toEqual(['there is no n8n-nodes-base.s3 of version 9']);
	});
});
