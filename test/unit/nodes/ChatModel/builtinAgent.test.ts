import { HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { createExtractiveAnswerer } from '../../../../lib/answering';
import { EnginePool } from '../../../../lib/engine';
import { builtinReader } from '../../../../nodes/shared/runtime/builtin';
import { builtinAgent } from '../../../../nodes/shared/langchain/builtinAgent';
import { passagesAsText } from '../../../../nodes/shared/runtime/passagesForModel';
import { LocalEngineChatModel } from '../../../../nodes/shared/langchain/chatModel';

const pool = new EnginePool([], { builtin: { answer: createExtractiveAnswerer(builtinReader) } });
afterAll(() => pool.close());
const model = new LocalEngineChatModel({ engines: builtinAgent(pool.complete.bind(pool)) });

const search = {
	type: 'function',
	function: {
		name: 'House_Rules',
		parameters: { type: 'object', properties: { question: { type: 'string' } }, required: ['question'] },
	},
};
const counting = {
	type: 'function',
	function: { name: 'Add', parameters: { type: 'object', properties: { a: { type: 'number' } } } },
};
const question = [new SystemMessage('Be kind.'), new HumanMessage('Where does the spare key hang?')];

describe('the chat model without an engine', () => {
	test('hands the question to the tool that takes one', async () => {
		const answer = await model.bindTools([counting, search]).invoke(question);
		expect(answer.tool_calls).toMatchObject([
			{ name: 'House_Rules', args: { question: 'Where does the spare key hang?' } },
		]);
	});

	const hits = [
		['printer.md', 'The printer takes recycled paper.'],
		['keys.md', 'The spare key hangs behind the blue door of the workshop.'],
	].map(([source = '', text = '']) => ({ id: source, source, text, score: 1, stages: {} }));
	const found = passagesAsText('q', hits, [1, 2]);
	test.each([
		['as this pack’s store writes it', found],
		['as n8n’s agent wraps it', JSON.stringify([{ response: found }])],
		[
			'as LangChain’s documents',
			JSON.stringify([
				{
					response: [
						{ type: 'text', text: '{"pageContent":"The printer takes recycled paper.","metadata":{}}' },
						{
							type: 'text',
							text: '{"pageContent":"The spare key hangs behind the blue door of the workshop.","metadata":{"source":"keys.md"}}',
						},
					],
				},
			]),
		],
		[
			'as Vector Index → Search gives them',
			JSON.stringify({
				hits: [
					{ id: 'aa11', text: 'The printer takes recycled paper.', source: 'printer.md' },
					{
						id: 'bb22',
						text: 'The spare key hangs behind the blue door of the workshop.',
						source: 'keys.md',
					},
				],
			}),
		],
	])('quotes what fits from what was found, %s, with its source', async (_form, content) => {
		const messages = [...question, new ToolMessage({ tool_call_id: 'a', content })];
		const answer = await model.bindTools([search]).invoke(messages);
		expect(answer.text).toBe(
			'The spare key hangs behind the blue door of the workshop. [2]\n\n' +
				'Quoted from the documents, not written by a model.\n\nSources:\n- [2] keys.md',
		);
		expect(answer.response_metadata).toMatchObject({ engine: 'built-in' });
		let streamed = '';
		for await (const chunk of await model.stream(messages)) streamed += chunk.text;
		expect(streamed).toBe(answer.text);
	});

	test('says that it does not know when nothing fits', async () => {
		const nothing = new ToolMessage({
			tool_call_id: 'a',
			content: 'Nothing was found for it. Try other words.',
		});
		expect((await model.invoke([...question, nothing])).text).toMatch(/do not answer/);
	});

	test.each([
		['no tool', undefined],
		['no tool that takes a question', [counting]],
	])('with %s it says what it takes', async (_case, tools) => {
		await expect((tools ? model.bindTools(tools) : model).invoke(question)).rejects.toThrow(
			/Local Engine Vector Store.*Local Engine API credential/,
		);
	});
});
