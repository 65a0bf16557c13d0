import {
	DEFAULT_RUBRIC,
	generate,
	pairsOnly,
	promptFromPassage,
	PASSAGE_SCHEMA,
	recordFromPair,
	type Generated,
	type GenerateOptions,
	type Prompt,
	type StoreAddress,
} from '../../../../lib/distillation';
import { engineKey, enginesFor } from '../../../shared/runtime/engines';
import { InputError } from '../../../shared/runtime/errors';
import type { Group } from '../../../shared/runtime/groups';
import { lineageOf } from '../../../shared/runtime/lineage';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import type { ItemOutcome } from '../../../shared/runtime/outputs';
import { watched } from '../../../shared/runtime/progress';
import { openRecordStore, recordTargetOf } from '../../../shared/runtime/recordStores';
import type { Run } from '../../../shared/runtime/run';
import { defined, isNothing, toText } from '../../../shared/runtime/values';

/** What the items of one teacher and one collection share: they are asked side by side and have one budget. */
interface Target {
	readonly store: StoreAddress;
	readonly engines: string;
	readonly passages: boolean;
	readonly settings: Omit<GenerateOptions, 'complete' | 'store'>;
}

export async function generateRequestOf(
	item: NodeItem,
): Promise<{ readonly target: Target; readonly request: Prompt }> {
	const passages = item.choice('promptKind') === 'passage';
	return {
		target: {
			store: await recordTargetOf(item),
			engines: await engineKey(item.context, item.index),
			passages,
			settings: settingsOf(item, passages),
		},
		request: promptOf(item, passages),
	};
}

export async function generateGroup(
	run: Run,
	{ target, members, first }: Group<Target, Prompt>,
): Promise<ItemOutcome[]> {
	const { passages, settings } = target;
	const store = await openRecordStore(target.store);
	const engines = await enginesFor(first.context, first.index);
	const done: Generated[] = [];
	const job = { task: 'Generate', subject: settings.model ?? 'teacher', unit: 'questions' };
	const { stopped, answered, known, rejected, failed } = await watched(run, first, job, async (context) => {
		const work = generate(
			members.map(({ request }) => request),
			{
				...settings,
				complete: (request, call) => engines.complete(request, call),
				store: passages ? pairsOnly(store) : store,
			},
			context,
		);
		let step = await work.next();
		while (step.done !== true) {
			done[step.value.position] = step.value;
			step = await work.next();
		}
		return step.value;
	});
	if (stopped !== undefined) {
		run.hint(
			`The ${stopped} budget ended the run after ${answered + known + rejected + failed} of ${members.length} items. Run it again to go on.`,
		);
	}
	return members.map((_, position) => {
		const generated = done[position];
		if (generated === undefined)
			return { json: { outcome: 'notAsked', reason: `the ${stopped ?? 'run'} budget was used up before` } };
		return outcomeOf(run, generated, passages);
	});
}

function outcomeOf(run: Run, { outcome, reason, record }: Generated, passages: boolean): ItemOutcome {
	if (outcome === 'failed') {
		const sentence = `The teacher gave no answer: ${reason ?? 'unknown'}`;
		if (run.context.continueOnFail()) return { error: new InputError(sentence) };
		run.hint(sentence);
	}
	// A known one is the pair already.
	const shown = passages && outcome === 'answered' && record !== undefined ? recordFromPair(record) : record;
	const unusable = outcome === 'answered' && shown === undefined;
	return {
		json: {
			outcome: unusable ? 'rejected' : outcome,
			reason: unusable ? 'the teacher gave no question with an answer' : reason,
			id: shown?.id,
			question: shown?.messages.at(-1)?.content,
			answer: shown?.answers[0]?.content,
			score: shown?.answers[0]?.score,
		},
	};
}

function promptOf(item: NodeItem, passages: boolean): Prompt {
	const text = item.pointedText('textField');
	const source = item.optionalPointedName('options.sourceField');
	const lineage = lineageOf(item);
	if (!passages) return { messages: [{ role: 'user', content: text }], ...defined({ source }), lineage };
	const { id } = item.json;
	const seed = promptFromPassage({
		text,
		source: source ?? `item ${item.index}`,
		...(!isNothing(id) && { id: toText(id, 'id') }),
	});
	return { ...seed, lineage: { ...lineage, ...seed.lineage } };
}

function settingsOf(item: NodeItem, passages: boolean): Target['settings'] {
	const minutes = item.optionalNumber('options.minutes');
	const model = item.optionalText('model');
	return {
		...defined({
			model,
			licence: item.optionalText('licence'),
			minScore: item.optionalNumber('options.minScore'),
			logprobs: item.optionalNumber('options.logprobs'),
			concurrency: item.optionalNumber('options.concurrency'),
			maxTotalTokens: item.optionalNumber('options.maxTotalTokens'),
			maxMs: minutes === undefined ? undefined : minutes * 60_000,
			schema: passages ? PASSAGE_SCHEMA : undefined,
		}),
		licenceConfirmed: item.flag('options.licenceConfirmed'),
		samples: item.optionalNumber('options.samples') ?? 1,
		select: item.optionalChoice<NonNullable<GenerateOptions['select']>>('options.select') ?? 'none',
		judge: {
			rubric: item.prose('options.rubric').trim() || DEFAULT_RUBRIC,
			...defined({ model }),
		},
	};
}
