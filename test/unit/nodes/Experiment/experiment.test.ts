import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { INodeExecutionData } from 'n8n-workflow';
import { assignVariant } from '../../../../lib/experiment';
import { report } from '../../../../nodes/Experiment/actions/experiment/report.operation';
import { assign } from '../../../../nodes/Experiment/actions/unit/assign.operation';
import { outcome } from '../../../../nodes/Experiment/actions/unit/outcome.operation';
import { outcomeValue } from '../../../../nodes/Experiment/shared/values';
import type { Operation } from '../../../../nodes/shared/runtime/operations';
import { runOf } from '../../../support/operation';

let folder: string;
const before = process.env.N8N_USER_FOLDER;
beforeEach(() => {
	folder = mkdtempSync(path.join(tmpdir(), 'experiment-node-'));
	process.env.N8N_USER_FOLDER = folder;
});
afterEach(() => {
	if (before === undefined) delete process.env.N8N_USER_FOLDER;
	else process.env.N8N_USER_FOLDER = before;
	rmSync(folder, { recursive: true, force: true });
});

const shared = { recordBackend: 'sqlite', experiment: 'prompt', unitField: 'userId' };
const variants = {
	values: [
		{ name: 'control', weight: 1, settings: '{ "model": "small" }' },
		{ name: 'new', weight: 1, settings: { model: 'large' } },
	],
};
const items = (...users: unknown[]): INodeExecutionData[] =>
	users.map((userId) => ({ json: { userId, kept: true } as never }));

function runWith(
	operation: Operation,
	parameters: object,
	given: INodeExecutionData[],
	continueOnFail = false,
) {
	const hints: string[] = [];
	const run = runOf(operation.fields, {
		parameters: { ...shared, ...parameters },
		items: given,
		continueOnFail,
		hints,
	});
	return { output: operation.execute(run).then(([output = []]) => output), hints };
}

test('each item gets its variant with the settings, and keeps what it had', async () => {
	const { output: running, hints } = runWith(assign, { variants }, items('ada', 7, 'ada'));
	const output = await running;
	const list = [{ name: 'control' }, { name: 'new' }];
	expect(output.map(({ json }) => json)).toMatchObject(
		['ada', '7', 'ada'].map((unit, index) => {
			const variant = assignVariant('prompt', unit, list);
			return {
				kept: true,
				experiment: {
					name: 'prompt',
					variant,
					settings: { model: variant === 'new' ? 'large' : 'small' },
					isNew: index < 2,
				},
			};
		}),
	);
	expect(output.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
	expect(hints).toEqual([]);
});

test('an item without a unit fails alone', async () => {
	const output = await runWith(assign, { variants }, items('ada', undefined, 'bob'), true).output;
	expect(output[0]?.json.experiment).toBeDefined();
	expect(output[1]?.json).toMatchObject({
		error: expect.stringContaining('"Unit Field" is missing') as string,
	});
	expect(output[2]?.json.experiment).toBeDefined();
});

test('a store that cannot be opened does not stop the flow: the draw is the same, and the item says what is lost', async () => {
	writeFileSync(path.join(folder, '.n8n'), 'a file where the folder should be');
	const { output: running, hints } = runWith(assign, { variants }, items('ada'));
	const output = await running;
	expect(output[0]?.json.experiment).toMatchObject({
		variant: assignVariant('prompt', 'ada', [{ name: 'control' }, { name: 'new' }]),
		counted: false,
		warning: expect.stringContaining('could not be remembered') as string,
	});
	expect(hints).toHaveLength(1);
});

test.each([
	[{ values: [{ name: 'a' }] }, 'at least two variants'],
	[{ values: [{ name: 'a', settings: '{' }, { name: 'b' }] }, 'not valid JSON'],
	[{ values: [{ name: 'a', settings: '[1]' }, { name: 'b' }] }, 'should be an object'],
	[{ values: [{ name: 'a', weight: 0 }, { name: 'b' }] }, 'must be a number above 0'],
])('variants %j are refused', async (bad, message) => {
	await expect(runWith(assign, { variants: bad }, items('u')).output).rejects.toThrow(message);
});

test('outcomes are told apart as recorded, known and skipped, and the report counts them', async () => {
	await runWith(assign, { variants }, items('ada', 'bob')).output;
	const outcomes = {
		values: [
			{ metric: 'solved', value: 'yes' },
			{ metric: 'seconds', value: undefined },
		],
	};
	const first = await runWith(outcome, { outcomes }, items('ada', 'nobody')).output;
	expect(first[0]?.json).toMatchObject({
		recorded: ['solved'],
		known: [],
		skipped: ['seconds'],
		late: false,
	});
	expect(first[1]?.json).toMatchObject({
		variant: null,
		warning: expect.stringContaining('not been assigned') as string,
	});
	const second = await runWith(outcome, { outcomes }, items('ada')).output;
	expect(second[0]?.json).toMatchObject({ recorded: [], known: ['solved'] });

	const asked = { metric: 'solved', better: 'higher', smallestEffect: 0.05, missingIsZero: false };
	const [reported] = await runWith(report, asked, items(1)).output;
	expect(reported?.json).toMatchObject({
		decision: 'continue',
		unassigned: 1,
		rates: ['solved'],
		comparisons: [{ primary: { low: null, high: null, p: 1 } }],
	});
	expect(reported?.binary?.page).toMatchObject({ mimeType: 'text/html', fileName: 'experiment.html' });
});

test('an outcome without any value is an error', async () => {
	const outcomes = { values: [{ metric: 'solved', value: '' }] };
	await expect(runWith(outcome, { outcomes }, items('ada')).output).rejects.toThrow(
		'"Value" is empty for solved',
	);
});

test.each([
	[true, 1],
	['false', 0],
	['Up', 1],
	[' 2.5 ', 2.5],
	[-3, -3],
	['', undefined],
	[null, undefined],
	['undefined', undefined],
])('the value %j counts as %p', (given, wanted) => {
	expect(outcomeValue('m', given)).toBe(wanted);
});

test.each([['maybe'], [{}], [Number.NaN], ['Infinity']])('the value %j is refused', (given) => {
	expect(() => outcomeValue('m', given)).toThrow('should be a number, or yes or no');
});
