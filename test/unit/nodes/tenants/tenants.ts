// Five tenants in one run: each item names its own index, collection, experiment or engine by an expression.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { builtinEmbedder } from '../../../../lib/embedding';
import { recordStore, type ExchangeRecord, type RecordStore } from '../../../../lib/distillation';
import { createIndex, type IndexAddress, openIndex, type VectorIndex } from '../../../../lib/vectorIndex';
import { resources as distillation } from '../../../../nodes/Distillation/actions';
import { resources as experiment } from '../../../../nodes/Experiment/actions';
import { resources as localEngine } from '../../../../nodes/LocalEngine/actions';
import { resources as vectorIndex } from '../../../../nodes/VectorIndex/actions';
import { fieldsOf } from '../../../../nodes/VectorStore/fields';
import { insertDocuments } from '../../../../nodes/VectorStore/insert';
import { loadDocuments } from '../../../../nodes/VectorStore/load';
import { executeTool } from '../../../../nodes/VectorStore/tool';
import type { Operation } from '../../../../nodes/shared/runtime/operations';
import { outputOf } from '../../../support/operation';

/** In an order that no sorting gives. */
export const TENANTS = ['globex', 'acme', 'umbrella', 'initech', 'hooli'] as const;
export type Tenant = (typeof TENANTS)[number];
/** The expression that gives an item's tenant. */
export const tenantOf = (itemIndex: number): Tenant => TENANTS[itemIndex] ?? 'acme';

type Runnable = Pick<Operation, 'fields' | 'execute'>;

/** Every operation of every node that works on items, by "node: operation". */
export const operations = new Map<string, Runnable>([
	...Object.entries({ distillation, experiment, localEngine, vectorIndex }).flatMap(([node, resources]) =>
		resources.flatMap(({ option, operations: all }) =>
			all.map((operation): [string, Runnable] => [
				`${node}: ${option.value}.${operation.option.value}`,
				operation,
			]),
		),
	),
	['vectorStore: insert', { fields: fieldsOf('insert'), execute: insertDocuments }],
	['vectorStore: load', { fields: fieldsOf('load'), execute: loadDocuments }],
]);
/** What n8n runs when an agent calls the store. */
const toolOfStore: Runnable = { fields: fieldsOf('retrieve-as-tool'), execute: executeTool };

/** The operations that have one of these fields. */
export const withField = (...names: string[]): string[] =>
	[...operations]
		.filter(([, { fields }]) => fields.some(({ name }: INodeProperties) => names.includes(name)))
		.map(([name]) => name);

let folder = '';
const before = process.env.N8N_USER_FOLDER;

function makeFolder(): void {
	folder = mkdtempSync(path.join(tmpdir(), 'tenants-'));
	process.env.N8N_USER_FOLDER = folder;
}

function removeFolder(): void {
	if (before === undefined) delete process.env.N8N_USER_FOLDER;
	else process.env.N8N_USER_FOLDER = before;
	rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** A folder of n8n's own for each test. */
export function useFolder(): void {
	beforeEach(makeFolder);
	afterEach(removeFolder);
}

/** One folder for all tests of a file. */
export function useFolderForAll(): void {
	beforeAll(makeFolder);
	afterAll(removeFolder);
}

export const itemsOf = (each: (tenant: Tenant) => Partial<INodeExecutionData>): INodeExecutionData[] =>
	TENANTS.map((tenant) => ({ json: {}, ...each(tenant) }));

/** Runs an operation with an item for each tenant. */
export async function runFor(
	name: string,
	parameters: object,
	items: INodeExecutionData[],
	more: Partial<Parameters<typeof outputOf>[1]> = {},
): Promise<INodeExecutionData[]> {
	const operation = name === 'vectorStore: retrieve-as-tool' ? toolOfStore : operations.get(name);
	if (!operation) throw new Error(`There is no operation "${name}"`);
	return await outputOf(operation, { parameters: { ...parameters }, items, ...more });
}

/** Whether each output item is paired with its own input item, in order. */
export const pairsOf = (output: readonly INodeExecutionData[]): unknown[] =>
	output.map(({ pairedItem }) => pairedItem);

// Indexes

const embedder = builtinEmbedder({ tier: 'fast' });

export const addressOf = (name: string): IndexAddress => ({
	backend: 'embedded',
	directory: path.join(folder, '.n8n', 'local-engine', 'indexes'),
	name,
});

/** An index with the built-in fast model and these rows, as source: text. */
export async function makeIndex(name: string, rows: Readonly<Record<string, string>>): Promise<VectorIndex> {
	const { model, dimensions, id } = await embedder.fingerprint();
	const index = await createIndex(
		addressOf(name),
		{ model, dimensions, fingerprint: id },
		{ ifExists: 'open' },
	);
	const points = await Promise.all(
		Object.entries(rows).map(async ([source, text]) => ({
			source,
			text,
			vector: await embedder.embedQuery(text),
		})),
	);
	await index.upsert(points, { fingerprint: id });
	return index;
}

/** What is in a tenant's index, as source: text. */
export async function rowsOf(name: string): Promise<Record<string, string>> {
	const rows: Record<string, string> = {};
	for await (const { source, text } of (await openIndex(addressOf(name))).scan()) rows[source] = text;
	return rows;
}

/** Everything an iterable gives. */
export async function listOf<T>(all: AsyncIterable<T>): Promise<T[]> {
	const list: T[] = [];
	for await (const each of all) list.push(each);
	return list;
}

// Records

export async function withRecords<T>(tenant: string, work: (store: RecordStore) => Promise<T>): Promise<T> {
	const file = path.join(folder, '.n8n', 'local-engine', 'distillation', `${tenant}.sqlite`);
	const store = await recordStore({ backend: 'sqlite', file });
	try {
		return await work(store);
	} finally {
		await store.close();
	}
}

export const recordsOf = async (tenant: string): Promise<ExchangeRecord[]> =>
	await withRecords(tenant, async (store) => await listOf(store.scan()));

export const folderOf = (...parts: string[]): string => path.join(folder, ...parts);

export const jsonOf = (output: readonly INodeExecutionData[]): IDataObject[] =>
	output.map(({ json }) => json);
