// `npm run eval` as another program reads it: lines of JSON and nothing else on standard output.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

jest.setTimeout(600_000);

const run = promisify(execFile);
const root = path.join(__dirname, '..', '..');
const evaluate = async (...args: string[]) =>
	await run(process.execPath, ['bench/eval.mjs', ...args], { cwd: root, maxBuffer: 1 << 26 });

interface Row {
	readonly eval: string;
	readonly case: string;
	readonly metric: string;
	readonly value: number;
	readonly low: number;
	readonly high: number;
	readonly n: number;
}

describe('npm run eval -- retrieval', () => {
	it('prints a line of JSON for each case and metric, in percent with an interval', async () => {
		const { stdout } = await evaluate('retrieval', '--json', '--data', 'test/fixtures/retrieval');
		const rows = stdout
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line) as Row);
		const cases = ['default', 'keyword', 'vector', '400', 'bm25', 'langchain', 'first-version'];
		expect(rows.map((row) => `${row.case} ${row.metric}`)).toEqual(
			cases.flatMap((name) => ['recall', 'iou', 'precision', 'hit'].map((metric) => `${name} ${metric}`)),
		);
		for (const { eval: name, value, low, high, n } of rows) {
			expect(name).toBe('retrieval');
			expect(n).toBe(60);
			expect(low).toBeLessThanOrEqual(value);
			expect(value).toBeLessThanOrEqual(high);
			expect(high).toBeLessThanOrEqual(100);
		}
		const value = (name: string, metric: string) =>
			rows.find((row) => row.case === name && row.metric === metric)?.value ?? 0;
		expect(value('default', 'recall')).toBeGreaterThan(90);
		// Three different searches.
		const ious = ['default', 'keyword', 'vector'].map((name) => value(name, 'iou'));
		expect(new Set(ious).size).toBe(3);
		// Half the text handed over, the same answers in it.
		expect(value('400', 'iou')).toBeGreaterThan(1.3 * value('default', 'iou'));
	});

	it('says in a sentence what is wrong with the folder or the name', async () => {
		await expect(evaluate('retrieval', '--data', 'docs')).rejects.toMatchObject({
			code: 1,
			stdout: '',
			stderr: expect.stringMatching(/no questions\.csv in .*docs.*--data must name a folder/),
		});
		await expect(evaluate('retrieve')).rejects.toMatchObject({
			stderr: expect.stringMatching(/Usage: npm run eval -- NAME .*retrieval/),
		});
	});
});

describe('npm run eval -- languages', () => {
	it('prints nDCG@10 of each file, named by its language, for the default search and its halves', async () => {
		const { stdout } = await evaluate('languages', '--json', '--data', 'test/fixtures/languages');
		const rows = stdout
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line) as Row);
		expect(rows.map(({ case: name, metric, n }) => [name, metric, n])).toEqual(
			[
				['de', 6],
				['ja', 4],
			].flatMap(([language, n]) =>
				['', 'keyword-', 'vector-'].map((search) => ['default', `${search}ndcg-${language}`, n]),
			),
		);
		for (const { eval: name, value, low, high } of rows) {
			expect(name).toBe('languages');
			expect(low).toBeLessThanOrEqual(value);
			expect(value).toBeLessThanOrEqual(high);
		}
		expect(rows[0]?.value).toBeGreaterThan(80);
	});

	it('says in a sentence what is wrong with the folder', async () => {
		await expect(evaluate('languages', '--json')).rejects.toMatchObject({
			code: 1,
			stdout: '',
			stderr: expect.stringMatching(/needs --data FOLDER.*SQuAD.*de\.json/),
		});
		await expect(evaluate('languages', '--data', 'docs')).rejects.toMatchObject({
			stderr: expect.stringMatching(/no \*\.json file in .*docs.*--data must name a folder/),
		});
	});
});

describe('npm run eval -- grounding', () => {
	it('prints a line for each kind of pair, judged by the node with its defaults', async () => {
		const { stdout } = await evaluate('grounding', '--json', '--quick');
		const rows = stdout
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line) as Row);
		expect(rows.map((row) => `${row.eval} ${row.case} ${row.metric}`)).toEqual(
			['paraphrase-supported', 'changed-caught', 'other-caught', 'unrelated-caught'].map(
				(metric) => `grounding default ${metric}`,
			),
		);
		const value = (metric: string) => rows.find((row) => row.metric === metric)?.value ?? 0;
		expect(value('paraphrase-supported')).toBeGreaterThanOrEqual(50);
		expect(value('changed-caught')).toBeGreaterThanOrEqual(80);
	});

	it('says which line of the pairs is wrong', async () => {
		await expect(evaluate('grounding', '--data', 'docs')).rejects.toMatchObject({
			stderr: expect.stringMatching(/There is no .*pairs\.jsonl/),
		});
	});
});
