// Every operation with an index, given as an expression, works on each item's own.
import { QdrantStandIn } from '../../../support/qdrant/server';
import { listIndexes, listVersions, openIndex, snapshotIndex } from '../../../../lib/vectorIndex';
import {
	addressOf,
	folderOf,
	itemsOf,
	jsonOf,
	listOf,
	makeIndex,
	pairsOf,
	rowsOf,
	runFor,
	TENANTS,
	type Tenant,
	tenantOf,
	useFolder,
	withField,
} from './tenants';

useFolder();

const index = { backend: 'embedded', index: (item: number) => ({ mode: 'name', value: tenantOf(item) }) };
const fast = { ...index, embedding: 'builtinFast' };
/** Two documents of each tenant, and one that all have under the same name. */
const rowsFor = (tenant: string) => ({
	[`${tenant}.md`]: `All about ${tenant}.`,
	'shared.md': `The secret of ${tenant}.`,
});
const makeAll = async () => {
	for (const tenant of TENANTS) await makeIndex(tenant, rowsFor(tenant));
};
const loader = {
	processItem: async ({ json }: { json: { text: string } }) => [{ pageContent: json.text, metadata: {} }],
};

/** How each operation is run, and what has to be true of each tenant afterwards. */
const cases: Record<string, () => Promise<void>> = {
	'vectorIndex: documents.sync': async () => {
		const output = await runFor(
			'vectorIndex: documents.sync',
			fast,
			itemsOf((tenant) => ({ json: { source: 'shared.md', text: `The secret of ${tenant}.` } })),
		);
		expect(jsonOf(output)).toMatchObject(TENANTS.map(() => ({ source: 'shared.md', state: 'added' })));
		await eachHolds((tenant) => ({ 'shared.md': `The secret of ${tenant}.` }));
	},
	'vectorIndex: documents.upsert': async () => {
		const output = await runFor(
			'vectorIndex: documents.upsert',
			fast,
			itemsOf((tenant) => ({ json: { source: 'shared.md', text: `The secret of ${tenant}.` } })),
		);
		expect(jsonOf(output)).toMatchObject(TENANTS.map((tenant) => ({ index: tenant, state: 'written' })));
		expect(pairsOf(output)).toEqual(TENANTS.map((_, item) => ({ item })));
		await eachHolds((tenant) => ({ 'shared.md': `The secret of ${tenant}.` }));
	},
	'vectorStore: insert': async () => {
		const output = await runFor(
			'vectorStore: insert',
			fast,
			itemsOf((tenant) => ({ json: { source: 'shared.md', text: `The secret of ${tenant}.` } })),
			{ connected: loader },
		);
		expect(jsonOf(output)).toMatchObject(TENANTS.map((tenant) => ({ index: tenant, stored: 1 })));
		await eachHolds((tenant) => ({ 'shared.md': `The secret of ${tenant}.` }));
	},
	'vectorIndex: documents.delete': async () => {
		await makeAll();
		await runFor(
			'vectorIndex: documents.delete',
			{ ...index, deleteBy: 'source', source: (item: number) => `${tenantOf(item)}.md` },
			itemsOf(() => ({})),
		);
		await eachHolds((tenant) => ({ 'shared.md': `The secret of ${tenant}.` }));
	},
	'vectorIndex: documents.list': async () => {
		await runFor(
			'vectorIndex: documents.sync',
			fast,
			itemsOf((tenant) => ({ json: { source: `${tenant}.md`, text: `About ${tenant}.` } })),
		);
		const output = await runFor(
			'vectorIndex: documents.list',
			index,
			itemsOf(() => ({})),
		);
		expect(output.map(({ json }) => json.source)).toEqual(TENANTS.map((tenant) => `${tenant}.md`));
		expect(pairsOf(output)).toEqual(TENANTS.map((_, item) => ({ item })));
	},
	'vectorIndex: documents.findChanges': async () => {
		for (const name of [(tenant: string) => `${tenant}.md`, () => 'shared.md'])
			await runFor(
				'vectorIndex: documents.sync',
				fast,
				itemsOf((tenant) => ({ json: { source: name(tenant), text: `The secret of ${tenant}.` } })),
			);
		const output = await runFor(
			'vectorIndex: documents.findChanges',
			{ ...index, syncMode: 'mirror' },
			itemsOf((tenant) => ({ json: { source: `${tenant}.md`, metadata: { changed: tenant } } })),
		);
		expect(output.map(({ json }) => json)).toMatchObject(
			TENANTS.map((tenant) => ({ source: `${tenant}.md`, change: 'changed' })),
		);
		await eachHolds((tenant) => ({ [`${tenant}.md`]: `The secret of ${tenant}.` }));
	},
	'vectorIndex: documents.get': () =>
		eachAnswers(
			'vectorIndex: documents.get',
			{ ...index, getBy: 'source', source: 'shared.md' },
			({ text }) => text,
		),
	'vectorIndex: documents.search': () =>
		eachAnswers(
			'vectorIndex: documents.search',
			{ ...index, queryFrom: 'text', queryText: 'secret', limit: 1, output: 'perHit' },
			({ text }) => text,
		),
	'vectorStore: load': () =>
		eachAnswers(
			'vectorStore: load',
			{ ...index, queryText: 'secret', topK: 1 },
			({ document }) => (document as { pageContent: string }).pageContent,
		),
	'vectorIndex: index.info': () => eachAnswers('vectorIndex: index.info', index, ({ name }) => name),
	'vectorIndex: index.tune': () => eachAnswers('vectorIndex: index.tune', index, ({ rows }) => rows),
	'vectorIndex: index.drift': () => eachAnswers('vectorIndex: index.drift', index, ({ same }) => same),
	'vectorIndex: index.finishVectors': () =>
		eachAnswers('vectorIndex: index.finishVectors', index, ({ index: name }) => name),
	'vectorIndex: index.evaluate': async () => {
		await makeAll();
		const output = await runFor(
			'vectorIndex: index.evaluate',
			{ ...index, modes: ['keyword'] },
			itemsOf((tenant) => ({ json: { question: `about ${tenant}`, sources: [`${tenant}.md`] } })),
		);
		expect(jsonOf(output)).toMatchObject(
			TENANTS.map((tenant) => ({
				index: tenant,
				questions: 1,
				results: [{ metrics: { recall: { mean: 1 } } }],
			})),
		);
	},
	'vectorIndex: index.create': async () => {
		await runFor(
			'vectorIndex: index.create',
			fast,
			itemsOf(() => ({})),
		);
		expect(await listIndexes(addressOf('x'))).toEqual([...TENANTS].sort());
	},
	'vectorIndex: index.drop': async () => {
		await makeAll();
		await makeIndex('other', {});
		await runFor(
			'vectorIndex: index.drop',
			{ ...index, confirm: tenantOf },
			itemsOf(() => ({})),
		);
		expect(await listIndexes(addressOf('x'))).toEqual(['other']);
	},
	'vectorIndex: index.migrate': async () => {
		await migrateAll();
		await eachHolds((tenant) => ({ 'shared.md': `The secret of ${tenant}.` }));
	},
	'vectorIndex: index.move': async () => {
		await makeAll();
		const standIn = new QdrantStandIn();
		const url = await standIn.start();
		try {
			const output = await runFor(
				'vectorIndex: index.move',
				{ ...index, backend: 'qdrant' },
				itemsOf(() => ({})),
				{ credentials: () => ({ qdrantUrl: url }) },
			);
			expect(jsonOf(output)).toMatchObject(
				TENANTS.map((tenant) => ({ index: tenant, storedIn: 'Qdrant', state: 'moved', rows: 2 })),
			);
			for (const tenant of TENANTS) {
				const moved = await openIndex({ backend: 'qdrant', url, name: tenant });
				expect(Object.fromEntries(await moved.tally('source'))).toEqual({
					[`${tenant}.md`]: 1,
					'shared.md': 1,
				});
			}
		} finally {
			await standIn.stop();
		}
	},
	'vectorIndex: index.rollBack': async () => {
		await migrateAll();
		await runFor(
			'vectorIndex: index.rollBack',
			index,
			itemsOf(() => ({})),
		);
		for (const tenant of TENANTS) expect(await liveVersions(tenant)).toEqual([true, false]);
	},
	'vectorIndex: index.cleanUp': async () => {
		await migrateAll();
		await runFor(
			'vectorIndex: index.cleanUp',
			{ ...index, confirm: tenantOf },
			itemsOf(() => ({})),
		);
		for (const tenant of TENANTS) expect(await liveVersions(tenant)).toEqual([true]);
	},
	'vectorIndex: index.snapshot': () =>
		eachAnswers('vectorIndex: index.snapshot', index, ({ index: name }) => name),
	'vectorIndex: index.export': async () => {
		await makeAll();
		const output = await runFor(
			'vectorIndex: index.export',
			{ ...index, format: 'jsonl', vectors: false },
			itemsOf(() => ({})),
		);
		for (const [item, { binary }] of output.entries())
			expect(Buffer.from(binary?.data?.data ?? '', 'base64').toString()).toContain(
				`secret of ${tenantOf(item)}`,
			);
		expect(output).toHaveLength(TENANTS.length);
	},
	'vectorIndex: space.moveIndex': async () => {
		await makeAll();
		await runFor(
			'vectorIndex: space.moveIndex',
			index,
			itemsOf(() => ({})),
			{
				node: { credentials: { localEngineSpaceApi: { id: '1', name: 'space' } } },
				credentials: () => ({ name: 'hr', secretKey: 'the-key-of-the-space' }),
			},
		);
		expect(await listIndexes(addressOf('x'))).toEqual([]);
		const directory = folderOf('.n8n', 'local-engine', 'spaces', 'hr', 'indexes');
		for (const tenant of TENANTS) {
			const moved = await openIndex({ backend: 'embedded', directory, name: tenant });
			expect((await listOf(moved.scan())).map(({ text }) => text).sort()).toEqual(
				Object.values(rowsFor(tenant)).sort(),
			);
		}
	},
	'vectorIndex: index.restore': async () => {
		await makeAll();
		const files: Buffer[] = [];
		for (const tenant of TENANTS)
			files.push(Buffer.concat(await listOf(snapshotIndex(await openIndex(addressOf(tenant))))));
		await runFor(
			'vectorIndex: index.restore',
			{ backend: 'embedded', index: (item: number) => `${tenantOf(item)}-copy`, binaryField: 'data' },
			itemsOf(() => ({ binary: { data: { data: '', mimeType: 'application/gzip' } } })),
			{ fileOf: (item) => files[item] },
		);
		await eachHolds(rowsFor, '-copy');
	},
};

async function eachHolds(rows: (tenant: Tenant) => object, suffix = ''): Promise<void> {
	for (const tenant of TENANTS)
		expect([tenant, await rowsOf(`${tenant}${suffix}`)]).toEqual([tenant, rows(tenant)]);
}

/** What an operation that reads says is about the item's own index, and about that alone. */
async function eachAnswers(
	name: string,
	parameters: object,
	read: (json: Record<string, unknown>) => unknown,
): Promise<void> {
	await makeAll();
	await makeIndex('hooli', { 'more.md': 'More.' });
	const all = await runFor(
		name,
		parameters,
		itemsOf(() => ({})),
	);
	expect(pairsOf(all)).toEqual(TENANTS.map((_, item) => ({ item })));
	for (const [item, { json }] of all.entries()) {
		const [alone] = await runFor(name, { ...parameters, index: tenantOf(item) }, [{ json: {} }]);
		expect([tenantOf(item), read(json)]).toEqual([tenantOf(item), read(alone?.json ?? {})]);
	}
}

async function migrateAll(): Promise<void> {
	await runFor(
		'vectorIndex: documents.sync',
		fast,
		itemsOf((tenant) => ({ json: { source: 'shared.md', text: `The secret of ${tenant}.` } })),
	);
	await runFor(
		'vectorIndex: index.migrate',
		{ ...index, preset: 'fast' },
		itemsOf(() => ({})),
	);
	for (const tenant of TENANTS) expect(await liveVersions(tenant)).toEqual([false, true]);
}

const liveVersions = async (tenant: Tenant): Promise<boolean[]> =>
	(await listVersions(addressOf(tenant))).map(({ live }) => live);

describe('an index by expression', () => {
	it('is tried with every operation that has one', () => {
		expect(Object.keys(cases).sort()).toEqual(withField('index').sort());
	});

	it.each(Object.entries(cases))('%s', async (_, run) => await run());

	it('in the tool of an agent', async () => {
		await makeAll();
		const output = await runFor(
			'vectorStore: retrieve-as-tool',
			{ ...index, topK: 1 },
			itemsOf((tenant) => ({ json: { question: `secret of ${tenant}` } })),
		);
		expect(output).toHaveLength(TENANTS.length);
		for (const [item, { json }] of output.entries()) {
			expect(Object.keys(json)).toEqual(['response']);
			expect(json.response).toContain(`The secret of ${tenantOf(item)}.`);
		}
	});

	it.each(['vectorIndex: documents.sync', 'vectorIndex: documents.upsert', 'vectorStore: insert'])(
		'%s: one bad tenant fails alone when the node is set to go on',
		async (name) => {
			const bad = 2;
			const output = await runFor(
				name,
				{ ...fast, index: (item: number) => (item === bad ? '../x' : tenantOf(item)) },
				itemsOf((tenant) => ({ json: { source: 'shared.md', text: `The secret of ${tenant}.` } })),
				{ continueOnFail: true, connected: loader },
			);
			expect(pairsOf(output)).toEqual(TENANTS.map((_, item) => ({ item })));
			expect(output.map(({ json }) => 'error' in json)).toEqual(TENANTS.map((_, item) => item === bad));
			for (const tenant of TENANTS.filter((_, item) => item !== bad))
				expect(await rowsOf(tenant)).toEqual({ 'shared.md': `The secret of ${tenant}.` });
		},
	);
});
