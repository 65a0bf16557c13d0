import { answer } from '../../../../nodes/LocalEngine/actions/chat/answer.operation';
import { contextOf } from '../../../support/nodeContext';
import { Run } from '../../../../nodes/shared/runtime/run';

const PASSAGES = [
	{
		text: 'New bicycles have a warranty of five years. Used ones have a warranty of one year.',
		source: 'a.md',
	},
];

/** What a workflow makes of a question in a conversation. */
async function asked(
	question: string,
	{ id = 'mine', mode = 'trigger', execution = '1', hints = [] as string[] } = {},
): Promise<unknown> {
	const context = Object.assign(
		contextOf({
			hints,
			items: [{ json: { question, sessionId: 'one', passages: PASSAGES } }],
			parameters: {
				...{
					question: 'question',
					passagesField: 'passages',
					passages: 'passages',
					questionField: 'question',
				},
				options: { conversationField: 'sessionId' },
			},
		}),
		{ getWorkflow: () => ({ id }), getMode: () => mode, getExecutionId: () => execution },
	);
	const [[item] = []] = await answer.execute(new Run(context, answer.fields));
	return item?.json.question ?? question;
}

describe('a conversation', () => {
	beforeAll(async () => {
		await asked('How long is the warranty for new bicycles?');
	});

	it('is continued in the same workflow', async () => {
		expect(await asked('And for used ones?', { execution: '2' })).toContain('warranty');
	});

	it('is not known to another workflow', async () => {
		expect(await asked('And for used ones?', { id: 'other' })).toBe('And for used ones?');
	});

	it('is not known to a sub-workflow that says it was the same one; it has one for the execution', async () => {
		const forged = { mode: 'integrated', execution: '7', hints: [] as string[] };
		expect(await asked('And for used ones?', forged)).toBe('And for used ones?');
		expect(forged.hints.join()).toContain('until the execution ends');
		await asked('How long is the warranty for new tandems?', forged);
		expect(await asked('And for used ones?', forged)).toContain('tandems');
		expect(await asked('And for used ones?', { ...forged, execution: '8' })).toBe('And for used ones?');
	});

	it('is not known to a workflow that was not saved', async () => {
		expect(await asked('And for used ones?', { id: '__EMPTY__', mode: 'manual' })).toBe('And for used ones?');
	});
});
