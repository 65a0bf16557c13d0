// What earlier releases have written is opened by this one, and what workflows hold by name is still there. `npm run release:fixtures`
// writes test/fixtures/releases/VERSION anew.
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { broken, type Promises, promisesOfNow } from '../../support/promises';
import { outputOf } from '../../support/operation';
import { operations } from '../nodes/tenants/tenants';

jest.setTimeout(120_000);

const releases = path.join(__dirname, '..', '..', 'fixtures', 'releases');
/** The version to write, when `npm run release:fixtures` runs this. */
const recorded = process.env.LOCAL_ENGINE_RECORD_RELEASE;
const versions = readdirSync(releases).filter((name) => /^\d/.test(name));

const before = process.env.N8N_USER_FOLDER;
let home = '';

function useHome(folder: string): void {
	home = folder;
	process.env.N8N_USER_FOLDER = folder;
}

afterAll(() => {
	if (before === undefined) delete process.env.N8N_USER_FOLDER;
	else process.env.N8N_USER_FOLDER = before;
	rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

const SPACE = { name: 'accounting', secretKey: 'the-key-of-a-release' };
const index = { backend: 'embedded', index: 'handbook', embedding: 'builtinFast' };
const records = { recordBackend: 'sqlite', collection: 'exchanges' };
const experiment = { recordBackend: 'sqlite', experiment: 'prompt' };
const variants = {
	values: [
		{ name: 'control', settings: '{}', weight: 1 },
		{ name: 'new', settings: '{}', weight: 1 },
	],
};
const item = (json: IDataObject = {}): INodeExecutionData[] => [{ json }];
const documents = ['bridge', 'tower', 'tunnel'].map((name) => ({
	json: { source: `${name}.md`, text: `The ${name} opened in 1937.` },
}));
const units = ['ada', 'grace', 'edsger'].map((userId) => ({ json: { userId } }));

async function run(
	name: string,
	parameters: IDataObject,
	items: INodeExecutionData[] = item(),
	more: { readonly inSpace?: boolean; readonly file?: Buffer } = {},
): Promise<INodeExecutionData[]> {
	const operation = operations.get(name);
	if (!operation) throw new Error(`There is no operation "${name}"`);
	return await outputOf(operation, {
		parameters,
		items,
		...(more.inSpace && {
			node: { credentials: { localEngineSpaceApi: { id: '1', name: 'space' } } },
			credentials: () => SPACE,
		}),
		...(more.file && { fileOf: () => more.file }),
	});
}

const dataSet = {
	...records,
	dataSetName: 'set',
	exportFormat: 'trl-messages',
	fileType: 'jsonl',
	target: 'folder',
};

/** One of each stored thing. */
async function write(version: string): Promise<void> {
	const folder = path.join(releases, version);
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	useHome(mkdtempSync(path.join(tmpdir(), 'release-')));
	await run('vectorIndex: documents.sync', index, documents);
	await run('vectorIndex: documents.sync', index, documents.slice(0, 1), { inSpace: true });
	const [taken] = await run('vectorIndex: index.snapshot', index);
	writeFileSync(
		path.join(folder, 'snapshot.jsonl.gz'),
		Buffer.from(taken?.binary?.data?.data ?? '', 'base64'),
	);
	await run(
		'distillation: record.add',
		{ ...records, mapping: 'fields', promptField: 'q', answerField: 'a' },
		Array.from({ length: 12 }, (_, each) => ({
			json: { q: `Question number ${each}, long enough`, a: `Answer number ${each}, long enough` },
		})),
	);
	await run('distillation: dataSet.build', dataSet);
	const assigned = await run('experiment: unit.assign', { ...experiment, variants }, units);
	await run(
		'experiment: unit.outcome',
		{ ...experiment, outcomes: { values: [{ metric: 'solved', value: 'yes' }] } },
		units.slice(0, 1),
	);
	const chosen = assigned.map(({ json }) => (json.experiment as IDataObject).variant);
	writeFileSync(path.join(folder, 'variants.json'), JSON.stringify(chosen));
	writeFileSync(path.join(folder, 'names.json'), JSON.stringify(promisesOfNow(), undefined, '\t'));
	cpSync(path.join(home, '.n8n', 'local-engine'), path.join(folder, 'data'), { recursive: true });
}

if (recorded !== undefined) {
	it(`writes ${recorded}`, async () => await write(recorded));
} else {
	it('are all there', () => expect(versions.length).toBeGreaterThan(0));

	describe.each(versions)('what %s has written', (version) => {
		const folder = path.join(releases, version);
		const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');

		beforeAll(() => {
			useHome(mkdtempSync(path.join(tmpdir(), 'release-')));
			cpSync(path.join(folder, 'data'), path.join(home, '.n8n', 'local-engine'), { recursive: true });
		});

		it('keeps the names that workflows hold', () => {
			expect(broken(JSON.parse(read('names.json')) as Promises, promisesOfNow())).toEqual([]);
		});

		it('is searched, and its documents are unchanged', async () => {
			const search = { ...index, queryFrom: 'text', queryText: 'tunnel', limit: 1, output: 'perHit' };
			const [hit] = await run('vectorIndex: documents.search', search);
			expect(hit?.json).toMatchObject({ source: 'tunnel.md', text: 'The tunnel opened in 1937.' });
			const states = await run('vectorIndex: documents.sync', index, documents);
			expect(states.map(({ json }) => json.state)).toEqual(documents.map(() => 'unchanged'));
			const more = { json: { source: 'ferry.md', text: 'The ferry sails.' } };
			expect((await run('vectorIndex: documents.sync', index, [more]))[0]?.json.state).toBe('added');
		});

		it('is opened in its space', async () => {
			const [info] = await run('vectorIndex: index.info', index, item(), { inSpace: true });
			expect(info?.json).toMatchObject({ name: 'handbook', rows: 1 });
		});

		it('is restored from its snapshot', async () => {
			const file = readFileSync(path.join(folder, 'snapshot.jsonl.gz'));
			const items = [{ json: {}, binary: { data: { data: '', mimeType: 'application/gzip' } } }];
			const target = { ...index, index: 'restored', binaryField: 'data' };
			const [info] = await run('vectorIndex: index.restore', target, items, { file });
			expect(info?.json).toMatchObject({ name: 'restored', rows: 3 });
		});

		it('has its records, and a data set is replaced', async () => {
			const [figures] = await run('distillation: record.figures', records);
			expect(figures?.json).toMatchObject({ records: 12 });
			const manifest = path.join(
				home,
				'.n8n',
				'local-engine',
				'distillation',
				'data-sets',
				'set',
				'manifest.json',
			);
			expect(existsSync(manifest)).toBe(true);
			const [built] = await run('distillation: dataSet.build', dataSet);
			expect(built?.json).toMatchObject({ name: 'set', rows: 12 });
		});

		it('keeps the variants of an experiment', async () => {
			const again = await run('experiment: unit.assign', { ...experiment, variants }, units);
			expect(again.map(({ json }) => (json.experiment as IDataObject).variant)).toEqual(
				JSON.parse(read('variants.json')),
			);
			expect(again.map(({ json }) => (json.experiment as IDataObject).isNew)).toEqual(units.map(() => false));
			const [listed] = await run('experiment: experiment.list', { recordBackend: 'sqlite' });
			expect(listed?.json).toMatchObject({ experiment: 'prompt', units: 3, outcomes: 1 });
		});
	});
}
