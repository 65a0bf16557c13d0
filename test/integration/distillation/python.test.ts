// The exports in the real libraries: Hugging Face `datasets` and TRL's format checks, in a Python environment of their own.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exportDataSet, FORMATS, toRecord, type CuratedRecord } from '../../../lib/distillation';
import { cacheFolder } from './compiled';

jest.setTimeout(900_000);

const environment = join(cacheFolder, 'python-distillation');
const python = join(environment, 'bin', 'python');

function run(
	file: string,
	args: readonly string[],
): { readonly ok: boolean; readonly output: string; readonly errors: string } {
	const { status, stdout, stderr, error } = spawnSync(file, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
	return { ok: status === 0, output: stdout ?? '', errors: error?.message ?? stderr ?? '' };
}

/** The environment, made once; or why there is none. TRL's checks need no torch, so its dependencies stay out. */
function prepare(): string | undefined {
	const works = () =>
		existsSync(python) && run(python, ['-c', 'import datasets, trl.data_utils, zstandard']).ok;
	if (works()) return undefined;
	mkdirSync(cacheFolder, { recursive: true });
	const steps: ReadonlyArray<readonly [string, readonly string[]]> = [
		['python3', ['-m', 'venv', environment]],
		[python, ['-m', 'pip', 'install', '-q', '-r', join(__dirname, 'requirements.txt')]],
		[
			python,
			[
				'-m',
				'pip',
				'install',
				'-q',
				'--no-deps',
				'-r',
				join(__dirname, 'requirements-without-dependencies.txt'),
			],
		],
	];
	for (const [file, args] of steps) {
		const { ok, errors } = run(file, args);
		if (!ok) return errors.trim().split('\n').at(-1) ?? 'pip failed';
	}
	return works() ? undefined : 'datasets and trl cannot be imported';
}

const call = { id: 'call_0', name: 'weather', arguments: '{"city":"Bern"}' };
const other = { id: 'call_0', name: 'add', arguments: '{"a":1,"b":[2,"x"]}' };
const tools = [{ name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } }];

/** Records that between them have a row in every format, with tool arguments of different shape. */
function records(): CuratedRecord[] {
	return Array.from({ length: 40 }, (_, number) => {
		const withTools = number % 4 === 3;
		const record = toRecord({
			id: `r${number}`,
			messages: [{ role: 'user', content: `Question ${number} \u2028 “漢字”` }],
			answers: [
				{
					content: `Good ${number}`,
					label: true,
					...(withTools ? { toolCalls: [number % 8 === 3 ? call : other], content: '' } : {}),
					logprobs: [
						{
							token: 'Good',
							id: 5,
							logprob: -0.1,
							top: [
								{ token: 'Good', id: 5, logprob: -0.1 },
								{ token: 'Bad', id: 6, logprob: -2.5 },
							],
						},
					],
				},
				{ content: `Bad ${number}`, label: false },
			],
			...(withTools ? { tools } : {}),
			steps: [
				{ text: 'First', correct: true },
				{ text: 'Second', correct: false },
			],
		});
		return {
			record,
			split: number % 5 === 0 ? ('test' as const) : ('train' as const),
			group: '000000000000',
		};
	});
}

let missing: string | undefined;
let folder: string;
beforeAll(() => {
	missing = prepare();
	if (missing !== undefined) {
		if (process.env.CI === 'true') throw new Error(missing);
		console.warn(`Tests with Python's datasets and TRL are skipped: ${missing}.`);
	}
	mkdirSync(cacheFolder, { recursive: true });
	folder = mkdtempSync(join(cacheFolder, 'python-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('every format loads with datasets, from JSONL and from Parquet, with the rows and splits of the manifest', async () => {
	if (missing !== undefined) return;
	const sets = [];
	for (const format of FORMATS) {
		for (const container of format.columns === undefined
			? (['jsonl'] as const)
			: (['jsonl', 'parquet'] as const)) {
			const target = join(folder, `${format.name}-${container}`);
			const { manifest } = await exportDataSet(records(), {
				format: format.name,
				name: 'set',
				folder: target,
				allowedFolders: [folder],
				container,
			});
			sets.push({ format, container, target, manifest });
		}
	}
	const zstd = join(folder, 'compressed');
	await exportDataSet(records(), {
		format: 'trl-messages',
		name: 'set',
		folder: zstd,
		allowedFolders: [folder],
		compression: 'zstd',
	});
	const { ok, output, errors } = run(python, [
		join(__dirname, 'load.py'),
		...sets.map((set) => set.target),
		zstd,
	]);
	expect(ok ? '' : errors).toBe('');
	const found = JSON.parse(output.trim().split('\n').at(-1) ?? '{}');
	for (const { format, target, manifest } of sets) {
		const loaded = found[target];
		const rows = (split: string) =>
			manifest.files.filter((file) => file.split === split).reduce((sum, file) => sum + file.rows, 0);
		expect([format.name, loaded.splits]).toEqual([format.name, { train: rows('train'), test: rows('test') }]);
		expect(rows('train')).toBeGreaterThan(0);
		if (format.name.startsWith('trl-') && format.name !== 'trl-stepwise')
			expect([format.name, loaded.conversational]).toEqual([format.name, true]);
		if (format.name === 'trl-preference') expect(loaded.unpaired).toBe(2 * rows('train'));
	}
	expect(found[zstd].splits).toEqual({ train: 32, test: 8 });
	expect(found[join(folder, 'trl-messages-parquet')].row.messages[0].content).toBe(
		'Question 1 \u2028 “漢字”',
	);
});
