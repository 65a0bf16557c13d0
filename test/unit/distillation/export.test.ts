import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import {
	exportDataSet,
	toRecord,
	type CuratedRecord,
	type ExportOptions,
	type SplitName,
} from '../../../lib/distillation';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'export-'))));
afterEach(() => rm(folder, { recursive: true }));

function make(count: number, split: SplitName = 'train', more: object = {}): CuratedRecord[] {
	return Array.from({ length: count }, (_, number) => ({
		record: toRecord({
			id: `${split}${number}`,
			prompt: `Question ${number}?`,
			answer: `Answer ${number} with “quotes” and \u2028 separators`,
			model: 'teacher-1',
			licence: 'apache-2.0',
			lineage: { workflow: 'w1', execution: `e${number}`, item: 0 },
			...more,
		}),
		split,
		group: `00000000000${number % 10}`,
	}));
}

const run = (records: Iterable<CuratedRecord>, options: Partial<ExportOptions> = {}) =>
	exportDataSet(records, {
		format: 'trl-messages',
		name: 'Support answers',
		folder: join(folder, 'set'),
		allowedFolders: [folder],
		...options,
	});

const lines = (text: string) =>
	text
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line) as { [key: string]: unknown });

test('writes data, lineage, card and manifest that agree with each other', async () => {
	const { manifest } = await run([...make(12), ...make(3, 'test')], {
		rowsPerFile: 5,
		createdAt: '2026-01-01T00:00:00Z',
	});
	expect(manifest.files.map((file) => [file.path, file.rows])).toEqual([
		['data/train-00000.jsonl', 5],
		['data/train-00001.jsonl', 5],
		['data/train-00002.jsonl', 2],
		['data/test-00000.jsonl', 3],
	]);
	for (const file of manifest.files) {
		const bytes = await readFile(join(folder, 'set', file.path));
		expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.sha256);
		expect(bytes.byteLength).toBe(file.bytes);
		const rows = lines(bytes.toString());
		const lineage = lines(await readFile(join(folder, 'set', file.lineage), 'utf8'));
		expect(rows).toHaveLength(file.rows);
		expect(lineage).toHaveLength(file.rows);
		expect(lineage[0]).toMatchObject({
			workflow: 'w1',
			item: 0,
			promptHash: expect.stringMatching(/^[0-9a-f]{64}$/),
		});
	}
	expect(manifest).toMatchObject({
		rows: 15,
		tokensAre: 'estimated',
		teachers: [{ model: 'teacher-1', licence: 'apache-2.0', records: 15 }],
	});
	expect(JSON.parse(await readFile(join(folder, 'set', 'manifest.json'), 'utf8'))).toEqual(manifest);
	const card = await readFile(join(folder, 'set', 'README.md'), 'utf8');
	expect(card).toContain('license: apache-2.0');
	expect(card).toContain('- split: test\n    path:\n    - "data/test-00000.jsonl"');
	expect(await readdir(folder)).toEqual(['set']);
});

test('counts tokens with the tokenizer it is given', async () => {
	const { manifest } = await run(make(2), { countTokens: () => 11 });
	expect(manifest).toMatchObject({ tokens: 22, tokensAre: 'counted' });
});

test('compresses with gzip and zstd to the same rows', async () => {
	const plain = await run(make(500));
	const text = await readFile(join(plain.folder, 'data', 'train-00000.jsonl'));
	const zipped = await run(make(500), { compression: 'gzip' });
	expect(zipped.manifest.files[0]?.path).toBe('data/train-00000.jsonl.gz');
	expect(gunzipSync(await readFile(join(zipped.folder, 'data', 'train-00000.jsonl.gz'))).equals(text)).toBe(
		true,
	);
	const zstd = await run(make(500), { compression: 'zstd' });
	const bytes = await readFile(join(zstd.folder, 'data', 'train-00000.jsonl.zst'));
	expect(zstdDecompressSync(bytes).equals(text)).toBe(true);
	expect(createHash('sha256').update(bytes).digest('hex')).toBe(zstd.manifest.files[0]?.sha256);
});

test('Parquet holds the same rows, nested, over several row groups', async () => {
	const call = { id: 'c', name: 'f', arguments: '{"a":1}' };
	const records = [
		...make(4100),
		...make(1, 'train', { id: 'tools', answer: { content: '', toolCalls: [call] }, tools: [{ name: 'f' }] }),
	];
	const { manifest } = await run(records, { container: 'parquet' });
	const file = await asyncBufferFromFile(join(folder, 'set', manifest.files[0]?.path ?? ''));
	const rows = await parquetReadObjects({ file });
	expect(rows).toHaveLength(4101);
	expect(rows[17]).toMatchObject({
		messages: [
			{ role: 'user', content: 'Question 17?' },
			{ role: 'assistant', content: records[17]?.record.answers[0]?.content },
		],
	});
	expect(rows[4100]).toMatchObject({
		messages: [
			{},
			{ tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }] },
		],
		tools: expect.stringContaining('"name":"f"'),
	});
});

test('says what was skipped, what the format lost and what its consumer will object to', async () => {
	const records = [
		...make(2, 'train', {
			tools: [{ name: 'f' }],
			messages: [
				{ role: 'user', content: 'Q' },
				{ role: 'assistant', content: '', toolCalls: [{ id: 'c', name: 'f', arguments: '{}' }] },
				{ role: 'tool', content: 'x', toolCallId: 'c' },
			],
		}),
		...make(1, 'train', { answer: { content: 'A', reasoning: 'since' } }),
	];
	const { manifest } = await run(records, { format: 'alpaca' });
	expect(manifest.skipped).toEqual({ toolCalls: 2 });
	expect(manifest.dropped).toEqual({ reasoning: 1 });
	const openai = await run(make(3), { format: 'openai-sft' });
	expect(openai.manifest.warnings).toEqual([
		'OpenAI supervised fine-tuning wants at least 10 training rows; there are 3.',
	]);
	const none = run(make(3), { format: 'trl-stepwise', folder: join(folder, 'none') });
	await expect(none).rejects.toThrow(/no rows.*3 noSteps/);
});

test('LLaMA-Factory finds its dataset_info.json', async () => {
	await run(make(1), { format: 'llamafactory-sft', name: 'support' });
	const info: unknown = JSON.parse(await readFile(join(folder, 'set', 'dataset_info.json'), 'utf8'));
	expect(info).toMatchObject({
		support_train: {
			file_name: 'data/train-00000.jsonl',
			formatting: 'sharegpt',
			columns: { messages: 'conversations' },
		},
	});
});

test('replaces an earlier export as a whole, and nothing else', async () => {
	await run(make(9), { rowsPerFile: 3 });
	await run(make(2));
	expect(await readdir(join(folder, 'set', 'data'))).toEqual(['train-00000.jsonl']);
	await mkdir(join(folder, 'mine'));
	await writeFile(join(folder, 'mine', 'thesis.txt'), 'years of work');
	await expect(run(make(1), { folder: join(folder, 'mine') })).rejects.toMatchObject({
		kind: 'folder',
		message: expect.stringContaining('no earlier export'),
	});
	expect(await readFile(join(folder, 'mine', 'thesis.txt'), 'utf8')).toBe('years of work');
});

test('a run that fails or is cancelled leaves the earlier export and no rubbish', async () => {
	await run(make(3));
	const before = await readFile(join(folder, 'set', 'manifest.json'), 'utf8');
	function* failing() {
		yield* make(2000);
		throw new Error('the source broke');
	}
	await expect(run(failing())).rejects.toThrow('the source broke');
	const options = {
		format: 'trl-messages',
		name: 'x',
		folder: join(folder, 'set'),
		allowedFolders: [folder],
	};
	await expect(exportDataSet(make(2000), options, { signal: AbortSignal.abort() })).rejects.toMatchObject({
		kind: 'cancelled',
	});
	expect(await readFile(join(folder, 'set', 'manifest.json'), 'utf8')).toBe(before);
	expect(await readdir(folder)).toEqual(['set']);
});

test('a kill between moving the old export aside and the new one in is repaired by the next run', async () => {
	await run(make(3));
	const { rename } = await import('node:fs/promises');
	await rename(join(folder, 'set'), join(folder, '.set.previous-abc'));
	await mkdir(join(folder, '.set.writing-abc'));
	await run(make(1));
	expect((await readdir(folder)).sort()).toEqual(['.set.writing-abc', 'set']);
});

test('the same records give the same files', async () => {
	const first = await run(make(300), { container: 'parquet' });
	const second = await run(make(300), { container: 'parquet' });
	expect(second.manifest.files).toEqual(first.manifest.files);
});

describe('folders', () => {
	test.each([['../outside'], ['/etc/data-set'], [''], ['a\u0000b'], ['.']])('refuses %j', async (name) => {
		await expect(
			run(make(1), { folder: name.startsWith('/') || name === '' ? name : join(folder, 'x', '..', name) }),
		).rejects.toMatchObject({ kind: 'folder' });
	});

	test('refuses a link that leads out, and everything when nothing is allowed', async () => {
		const outside = await mkdtemp(join(tmpdir(), 'outside-'));
		await symlink(outside, join(folder, 'link'));
		await expect(run(make(1), { folder: join(folder, 'link', 'set') })).rejects.toMatchObject({
			kind: 'folder',
		});
		await expect(run(make(1), { allowedFolders: [] })).rejects.toMatchObject({
			kind: 'folder',
			message: expect.stringContaining('none is allowed'),
		});
		expect(await readdir(outside)).toEqual([]);
		await rm(outside, { recursive: true });
	});

	test.each([
		[{ format: 'csv' }, 'no export format'],
		[{ name: '../x' }, 'may hold letters'],
		[{ container: 'parquet' as const, compression: 'gzip' as const }, 'compresses by itself'],
		[{ container: 'parquet' as const, format: 'openai-sft' }, 'JSONL only'],
		[{ rowsPerFile: 0 }, 'Rows per file'],
	])('refuses %j', async (options, reason) => {
		await expect(run(make(1), options)).rejects.toMatchObject({
			kind: 'invalidOptions',
			message: expect.stringContaining(reason),
		});
	});
});

test('an export says the same tokens whatever the file type', async () => {
	const lines = await run(make(20));
	const parquet = await run(make(20), { container: 'parquet' });
	expect(parquet.manifest.tokens).toBe(lines.manifest.tokens);
});

describe('a set that would replace another', () => {
	const rowsOf = async (): Promise<number> =>
		lines(await readFile(join(folder, 'set', 'data', 'train-00000.jsonl'), 'utf8')).length;

	test('by nothing, or by far fewer rows, does not: the old one stays and it is said why', async () => {
		await run(make(20));
		const empty = run([]);
		await expect(empty).rejects.toMatchObject({ kind: 'empty' });
		await expect(empty).rejects.toThrow(/no rows.*The set from before \(20 rows\) stays/);
		await expect(run(make(9))).rejects.toThrow(/9 rows instead of 20 \(45.0 %\)/);
		expect(await rowsOf()).toBe(20);
		expect(await readdir(folder)).toEqual(['set']);
	});

	test('does so when it is as large as asked for', async () => {
		await run(make(20));
		await run(make(10));
		expect(await rowsOf()).toBe(10);
		await run(make(2), { leastRows: 0.1 });
		expect(await rowsOf()).toBe(2);
		// Small sets are not guarded.
		await run(make(1));
		expect(await rowsOf()).toBe(1);
	});

	test('is not made of nothing, where there was none', async () => {
		await expect(run([])).rejects.toMatchObject({ kind: 'empty' });
		expect(await readdir(folder)).toEqual([]);
	});
});

test('LLaMA-Factory gets one plain file for each split, which its list of data sets names', async () => {
	const { manifest } = await run([...make(12), ...make(3, 'test')], {
		format: 'llamafactory-sft',
		rowsPerFile: 5,
	});
	expect(manifest.files.map(({ rows }) => rows)).toEqual([12, 3]);
	const info = JSON.parse(await readFile(join(folder, 'set', 'dataset_info.json'), 'utf8')) as {
		[name: string]: { file_name: string };
	};
	expect(Object.values(info).map((each) => each.file_name)).toEqual(manifest.files.map(({ path }) => path));
	await expect(run(make(3), { format: 'llamafactory-sft', compression: 'gzip' })).rejects.toMatchObject({
		kind: 'invalidOptions',
	});
});
