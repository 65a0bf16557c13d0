// Ways around an operation by which one space could learn of another: work in the background, what is kept in memory, temporary
// files, the page of reports, a space that is dropped and made anew.
import crypto from 'node:crypto';
import {
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
import { setTimeout as sleep } from 'node:timers/promises';
import type { IDataObject } from 'n8n-workflow';
import { builtinEmbedder, type Embedder } from '../../../../lib/embedding';
import { englishEncoder, multilingualEncoder } from '../../../../lib/embedding/encoderModel';
import { BackgroundVectors } from '../../../../lib/ingest';
import { receivedEmbedder } from '../../../../lib/ingest/process/sentEmbedder';
import { keepReport, RunningJob } from '../../../../lib/reports';
import { listSpaces, openSpace } from '../../../../lib/spaces';
import { messageOf } from '../../../../lib/support';
import { createIndex, type IndexAddress } from '../../../../lib/vectorIndex';
import { Reports } from '../../../../nodes/Reports/Reports.node';
import { builtinReader } from '../../../../nodes/shared/runtime/builtin';
import { computeVectorsLater } from '../../../../nodes/shared/runtime/backgroundVectors';
import { embedderFor } from '../../../../nodes/shared/runtime/embedders';
import { type ContextOptions, contextOf } from '../../../support/nodeContext';
import { outputOf } from '../../../support/operation';
import { folderOf, operations, useFolder } from '../tenants/tenants';

jest.setTimeout(60_000);
useFolder();
afterEach(() => {
	delete process.env.LOCAL_ENGINE_DEFAULT_SPACE;
});

const KEY = 'the-key-of-the-space';
const data = (): string => folderOf('.n8n', 'local-engine');
const records = { recordBackend: 'sqlite', collection: 'exchanges' };

/** The node of somebody with that space, or (`undefined`) without one. */
const nodeOf = (space: string | undefined, secretKey = KEY): ContextOptions => ({
	node: { credentials: space === undefined ? {} : { localEngineSpaceApi: { id: '1', name: space } } },
	credentials: () => ({ name: space, secretKey }),
});

async function seen(name: string, who: ContextOptions, parameters: IDataObject, json: IDataObject[] = [{}]) {
	const operation = operations.get(name);
	if (!operation) throw new Error(`There is no operation "${name}"`);
	const items = json.map((each) => ({ json: each }));
	return await outputOf(operation, { ...who, parameters, items }).then(JSON.stringify, messageOf);
}

const msOf = async (work: () => Promise<unknown>): Promise<number> => {
	const before = performance.now();
	await work();
	return performance.now() - before;
};
const embedAll = async (embedder: Embedder, text: string): Promise<void> => {
	for await (const { vector } of embedder.embedDocuments([text])) expect(vector.length).toBeGreaterThan(0);
};
const textOf = (name: string): string =>
	`${name} leaves the company in March and gets three salaries. `.repeat(12);

describe('vectors in the background', () => {
	it('of an index of a space on Qdrant are not shown in the default space', async () => {
		const address: IndexAddress = {
			backend: 'qdrant',
			url: 'http://127.0.0.1:1',
			name: 'layoffs',
			space: 'hr-3f9a1b2c4d5e',
		};
		// Nothing is asked of the server: what matters is what the worker would show.
		let worker: { settings: ConstructorParameters<typeof BackgroundVectors>[0] } | undefined;
		const added = jest.spyOn(BackgroundVectors.prototype, 'add').mockImplementation(function (this: unknown) {
			worker = this as typeof worker;
			return Promise.resolve();
		});
		await computeVectorsLater(address);
		added.mockRestore();
		const show = async (of: IndexAddress) => {
			const job = worker?.settings.startJob?.(of);
			await sleep(1_200);
			const shown = await seen('vectorIndex: index.progress', nodeOf(undefined), { jobs: 'all' });
			await job?.end();
			return shown;
		};
		expect(await show(address)).toBe('[]');
		expect(await show({ ...address, space: undefined })).toContain('layoffs');
	});

	it('are not answered faster to others', async () => {
		const { model, dimensions, id } = await builtinEmbedder({
			tier: 'english',
			cacheScope: 'test',
		}).fingerprint();
		const { folder } = await openSpace(data(), { name: 'hr', key: KEY });
		const address = { backend: 'embedded', directory: path.join(folder, 'indexes'), name: 'x' } as const;
		const index = await createIndex(address, { model, dimensions, fingerprint: id });
		await index.upsert([{ source: 'a', text: textOf('Ada'), pendingSince: Date.now() }], { fingerprint: id });
		await computeVectorsLater(address);
		await sleep(3_000);
		const nobody = await embedderFor(contextOf(nodeOf(undefined)), 'builtinEnglish', 0);
		const stored = await msOf(async () => await nobody.embedQuery(textOf('Ada')));
		const other = await msOf(async () => await nobody.embedQuery(textOf('Eve')));
		expect(stored).toBeGreaterThan(other / 5);
	});
});

describe('nodes without a space', () => {
	/** A node of a workflow, in an execution. */
	const of = (id: string | undefined, mode = 'trigger', execution = '1') =>
		Object.assign(contextOf(nodeOf(undefined)), {
			getWorkflow: () => ({ id }),
			getMode: () => mode,
			getExecutionId: () => execution,
		});
	const embeds = async (context: ReturnType<typeof of>, text: string): Promise<number> => {
		const embedder = await embedderFor(context, 'builtinEnglish', 0);
		const computed = jest.spyOn(englishEncoder.pool, 'run');
		await embedder.embedQuery(textOf(text));
		const times = computed.mock.calls.length;
		computed.mockRestore();
		return times;
	};

	it('remember vectors for their own workflow only', async () => {
		expect(await embeds(of('mine'), 'Dan')).toBe(1);
		expect(await embeds(of('mine', 'manual', '2'), 'Dan')).toBe(0);
		expect(await embeds(of('other'), 'Dan')).toBe(1);
	});

	it.each([
		['a workflow that was not saved', undefined, 'manual'],
		['one that n8n calls empty', '', 'manual'],
		['one with n8n’s name for what was not saved', '__EMPTY__', 'manual'],
		['a sub-workflow, whose id anybody can write', 'mine', 'integrated'],
	])('of %s remember them for the execution only', async (_, id, mode) => {
		const text = `Kim ${String(id)} ${mode}`;
		expect(await embeds(of('mine'), text)).toBe(1);
		expect(await embeds(of(id, mode, '7'), text)).toBe(1);
		expect(await embeds(of(id, mode, '7'), text)).toBe(0);
		expect(await embeds(of(id, mode, '8'), text)).toBe(1);
	});

	it('answer without an engine from nothing that was asked before', async () => {
		const asked = jest.spyOn(multilingualEncoder.pool, 'run');
		const times: number[] = [];
		for (let each = 0; each < 2; each++) {
			await builtinReader().embedQuery(textOf('Lea'));
			times.push(asked.mock.calls.length);
		}
		asked.mockRestore();
		expect(times).toEqual([1, 2]);
	});
});

it('the process that all spaces sync in answers none of them faster for another', async () => {
	const fingerprint = await builtinEmbedder({ tier: 'english', cacheScope: 'test' }).fingerprint();
	const of = (place: string) => receivedEmbedder({ tier: 'english', fingerprint }, place);
	await embedAll(of('hr'), textOf('Bob'));
	expect(await msOf(() => embedAll(of('hr'), textOf('Bob')))).toBeLessThan(10);
	const stored = await msOf(() => embedAll(of('accounting'), textOf('Bob')));
	const other = await msOf(() => embedAll(of('accounting'), textOf('Eve')));
	expect(stored).toBeGreaterThan(other / 5);
});

it('temporary files of a data set are in the space', async () => {
	const exchanges = Array.from({ length: 12 }, (_, each) => ({
		q: `Question ${each} about xyzzy, long enough`,
		a: `Answer ${each} about xyzzy, long enough`,
	}));
	const fields = { mapping: 'fields', promptField: 'q', answerField: 'a' };
	await seen('distillation: record.add', nodeOf('hr'), { ...records, ...fields }, exchanges);
	const before = new Set(readdirSync(tmpdir()));
	const found = new Set<string>();
	const prepareBinaryData = (): Promise<object> => {
		for (const name of readdirSync(tmpdir()))
			if (!before.has(name) && /^local-engine-(curate|data-set)-/.test(name)) found.add(name);
		return Promise.resolve({});
	};
	const built = await seen(
		'distillation: dataSet.build',
		{ ...nodeOf('hr'), helpers: { prepareBinaryData } },
		{ ...records, dataSetName: 'set', exportFormat: 'trl-messages', fileType: 'jsonl', target: 'item' },
	);
	expect(built).toContain('"rows"');
	expect([...found]).toEqual([]);
	expect(readdirSync(path.join(data(), 'spaces', 'hr', 'distillation', '.temporary'))).toEqual([]);
});

describe('the page of reports and Get Progress', () => {
	const page = async (who: ContextOptions, report?: unknown): Promise<string> => {
		let sent = '';
		const response = {
			setHeader: () => response,
			status: () => response,
			type: () => response,
			send: (text: string) => {
				sent = text;
			},
		};
		const context = {
			...contextOf({ ...who, parameters: { authentication: 'none' } }),
			getResponseObject: () => response,
			getQueryData: () => ({ report }),
			getHeaderData: () => ({}),
		};
		await new Reports().webhook.call(context as never).catch((thrown: unknown) => (sent = messageOf(thrown)));
		return sent;
	};

	it('show what is in the own space', async () => {
		const { folder } = await openSpace(data(), { name: 'hr', key: KEY });
		const job = new RunningJob(
			folder,
			{ task: 'Sync', subject: 'xyzzy', unit: 'rows', node: 'Node' },
			() => undefined,
		);
		const id = await keepReport(folder, { title: 'xyzzy', task: 'Evaluate', node: 'Node', html: 'xyzzy' });
		await sleep(1_200);
		const progress = [...operations.keys()].filter((name) => name.endsWith('.progress'));
		expect(progress).toHaveLength(3);
		const sights = async (who: ContextOptions): Promise<string[]> => {
			const texts: string[] = [];
			for (const report of [undefined, id, `../spaces/hr/reports/${id}`, [id]])
				texts.push(await page(who, report));
			for (const name of progress) texts.push(await seen(name, who, { jobs: 'all' }));
			return texts;
		};
		const of = async (who: ContextOptions) => (await sights(who)).map((text) => text.includes('xyzzy'));
		expect(await of(nodeOf('hr'))).toEqual([true, true, false, true, true, true, true]);
		for (const who of [nodeOf(undefined), nodeOf('other'), nodeOf('hr', 'not-the-key-of-it-at-all')])
			expect(await of(who)).toEqual(Array(7).fill(false));
		process.env.LOCAL_ENGINE_DEFAULT_SPACE = 'closed';
		for (const text of await sights(nodeOf(undefined))) expect(text).toContain('default space is closed');
		await job.end();
	});
});

describe('a closed default space', () => {
	it.each(['closed', ' CLOSED ', 'close', 'true', 'off', '1'])('is one that is set to %j', async (value) => {
		process.env.LOCAL_ENGINE_DEFAULT_SPACE = value;
		const list = await seen('vectorIndex: index.list', nodeOf(undefined), { backend: 'embedded' });
		expect(list).toContain('default space is closed');
	});

	it.each([
		['vectorIndex: space.moveIndex', { backend: 'embedded', index: 'kb' }],
		['distillation: record.moveToSpace', records],
		['distillation: dataSet.moveToSpace', { dataSetName: 'set' }],
		['experiment: experiment.moveToSpace', { recordBackend: 'sqlite', experiment: 'prompt' }],
	])('gives nothing to %s', async (name, parameters) => {
		process.env.LOCAL_ENGINE_DEFAULT_SPACE = 'closed';
		expect(await seen(name, nodeOf('hr'), parameters)).toContain('default space is closed');
	});
});

describe('a space that is dropped', () => {
	it('and made anew by somebody else is an empty one, and works', async () => {
		const index = { backend: 'embedded', index: 'kb', embedding: 'builtinFast' };
		const search = { ...index, queryFrom: 'text', queryText: 'secret', output: 'perHit' };
		const [old, next] = [nodeOf('hr'), nodeOf('hr', 'another-key-of-the-space')];
		await seen('vectorIndex: documents.sync', old, index, [{ source: 'a.md', text: 'A secret.' }]);
		expect(await seen('vectorIndex: documents.search', old, search)).toContain('A secret.');
		expect(await seen('vectorIndex: space.drop', old, { confirm: 'hr' })).toContain('"dropped":true');
		expect(await seen('vectorIndex: index.list', next, index)).toBe('[]');
		expect(await seen('vectorIndex: documents.search', next, search)).toContain('There is no index named');
		await seen('vectorIndex: documents.sync', next, index, [{ source: 'b.md', text: 'New.' }]);
		const found = await seen('vectorIndex: documents.search', next, search);
		expect(found).toContain('New.');
		expect(found).not.toContain('secret');
	});

	it('is not damaged by a write that was on its way: what it left is deleted at the next opening', async () => {
		await openSpace(data(), { name: 'hr', key: KEY });
		await seen('vectorIndex: space.drop', nodeOf('hr'), { confirm: 'hr' });
		const folder = path.join(data(), 'spaces', 'hr');
		const late = path.join(folder, 'indexes', 'rows-1.lance', 'data.lance');
		const write = () => {
			mkdirSync(path.dirname(late), { recursive: true });
			writeFileSync(late, 'xyzzy');
		};
		write();
		const administrator = { name: 'administrator', key: 'the-administrators-key' };
		expect(await listSpaces(data(), administrator, administrator.key)).toEqual([]);
		write();
		const next = nodeOf('hr', 'another-key-of-the-space');
		expect(await seen('vectorIndex: index.list', next, { backend: 'embedded' })).toBe('[]');
		expect(existsSync(late)).toBe(false);
		// The new one was not dropped: without its file it is damaged, and nobody gets its data.
		write();
		rmSync(path.join(folder, 'space.json'));
		await expect(openSpace(data(), { name: 'hr', key: KEY })).rejects.toThrow('space.json is missing');
		expect(existsSync(late)).toBe(true);
	});

	it('gets nothing written into it, or into its successor, by work that goes on', async () => {
		const { folder } = await openSpace(data(), { name: 'hr', key: KEY });
		const start = { task: 'Sync', subject: 'xyzzy', unit: 'rows', node: 'Node' };
		const job = new RunningJob(folder, start, () => undefined);
		await seen('vectorIndex: space.drop', nodeOf('hr'), { confirm: 'hr' });
		await sleep(1_200);
		const next = nodeOf('hr', 'another-key-of-the-space');
		expect(await seen('vectorIndex: index.progress', next, { jobs: 'all' })).toBe('[]');
		await sleep(1_200);
		await job.end();
		expect(await seen('vectorIndex: index.progress', next, { jobs: 'all' })).toBe('[]');
	});
});

it('a damaged space does not hide the others from the administrator', async () => {
	await openSpace(data(), { name: 'support', key: KEY });
	mkdirSync(path.join(data(), 'spaces', 'hr', 'indexes'), { recursive: true });
	const administrator = { name: 'administrator', key: 'the-administrators-key' };
	expect(await listSpaces(data(), administrator, administrator.key)).toMatchObject([
		{ name: 'hr', damaged: expect.stringContaining('space.json is missing') },
		{ name: 'support', id: expect.any(String) },
	]);
});

it('wrong keys of others do not make scrypt run again for the right one', async () => {
	const cost = { N: 2, r: 1, p: 1 };
	await openSpace(data(), { name: 'hr', key: KEY });
	const file = path.join(data(), 'spaces', 'hr', 'space.json');
	const salt = crypto.randomBytes(16);
	const hash = crypto.scryptSync(KEY, salt, 32, cost).toString('base64url');
	// A cheap one, so that a thousand guesses take no minute.
	const cheap = { ...cost, salt: salt.toString('base64url'), hash };
	writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), key: cheap }));
	const scrypt = jest.spyOn(crypto, 'scrypt');
	await openSpace(data(), { name: 'hr', key: KEY });
	expect(scrypt).toHaveBeenCalledTimes(1);
	for (let each = 0; each < 1_001; each++)
		await expect(openSpace(data(), { name: 'hr', key: `not-the-key-of-it-${each}` })).rejects.toThrow(
			'cannot',
		);
	await openSpace(data(), { name: 'hr', key: KEY });
	expect(scrypt).toHaveBeenCalledTimes(1_002);
	scrypt.mockRestore();
});

it('a machine without the folder follows the first key: the old one opens there, a changed one leads elsewhere', async () => {
	const { id } = await openSpace(data(), { name: 'hr', key: KEY });
	const change = { name: 'hr', secretKey: 'a-new-key-of-the-space', previousSecretKey: KEY };
	await seen('vectorIndex: space.changeKey', { ...nodeOf('hr'), credentials: () => change }, {});
	await expect(openSpace(data(), { name: 'hr', key: KEY })).rejects.toThrow('cannot be opened');
	const elsewhere = mkdtempSync(path.join(tmpdir(), 'elsewhere-'));
	try {
		expect((await openSpace(path.join(elsewhere, 'a'), { name: 'hr', key: KEY })).id).toBe(id);
		const later = await openSpace(path.join(elsewhere, 'b'), { name: 'hr', key: change.secretKey });
		expect(later.id).not.toBe(id);
	} finally {
		rmSync(elsewhere, { recursive: true, force: true });
	}
});
