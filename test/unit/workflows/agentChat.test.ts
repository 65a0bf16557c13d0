import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runInNewContext } from 'node:vm';

interface Template {
	readonly nodes: ReadonlyArray<{
		readonly name: string;
		readonly parameters: {
			readonly conditions?: { readonly conditions: ReadonlyArray<{ readonly leftValue: string }> };
			readonly assignments?: {
				readonly assignments: ReadonlyArray<{ readonly name: string; readonly value: string }>;
			};
		};
	}>;
}

const template = JSON.parse(
	readFileSync(path.join(__dirname, '../../../workflows/agent-chat.json'), 'utf8'),
) as Template;

/** What an expression of the template gives for an item, as n8n evaluates it. */
function evaluated(expression: string, $json: object): unknown {
	const [, code = JSON.stringify(expression)] = /^=\{\{([\s\S]*)\}\}$/.exec(expression) ?? [];
	return runInNewContext(code, { $json });
}

/** What the template ends with for what the agent said and found. */
function ending($json: object): { [name: string]: unknown } {
	const condition = template.nodes.find(({ name }) => name === 'Is There a Source?');
	const hasSource = evaluated(condition?.parameters.conditions?.conditions[0]?.leftValue ?? '', $json);
	const end = template.nodes.find(
		({ name }) => name === (hasSource === true ? 'Answered' : 'Without a Source'),
	);
	return Object.fromEntries(
		(end?.parameters.assignments?.assignments ?? []).map(({ name, value }) => [
			name,
			evaluated(value, $json),
		]),
	);
}

const found = { passages: [{ number: 1, source: 'parking.md', page: 2, text: 'Parking is behind C.' }] };
const steps = [{ observation: JSON.stringify(found) }];

describe('the agent of the template ends', () => {
	test('with its sources', () => {
		expect(ending({ output: 'Parking is behind C [1]', intermediateSteps: steps })).toMatchObject({
			state: 'answered',
			sources: ['[1] parking.md, page 2'],
		});
	});

	test.each([
		['whose tool does not exist', []],
		['whose tool failed', [{ observation: 'There is no tool "find".' }]],
		[
			'that found other passages',
			[{ observation: JSON.stringify({ passages: [{ number: 3, source: 'a' }] }) }],
		],
	])('with words that there is no source: an answer %s', (_, intermediateSteps) => {
		expect(ending({ output: 'Parking is behind C [1]', intermediateSteps })).toEqual({
			state: 'noSource',
			output: 'Parking is behind C\n\nThis answer has no source in the documents.',
		});
	});

	test.each(['', ' \n'])('with a sentence for the user where the model wrote nothing: %j', (output) => {
		expect(ending({ output, intermediateSteps: steps })).toEqual({
			state: 'failed',
			output: 'The model gave no answer. Please ask again, or in other words.',
		});
	});
});
