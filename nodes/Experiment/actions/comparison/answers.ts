import { compareAnswers, DEFAULT_RUBRIC } from '../../../../lib/distillation';
import type { ChatMessage } from '../../../../lib/engine';
import type { ComparedQuestion, Preference } from '../../../../lib/experiment';
import { callOptions, chatSettings } from '../../../shared/runtime/chatSettings';
import { engineKey, enginesFor } from '../../../shared/runtime/engines';
import { InputError } from '../../../shared/runtime/errors';
import { partsOfModel } from '../../../shared/runtime/localEngines';
import { modelOf } from '../../../shared/runtime/model';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import { questionOf } from '../../../shared/runtime/question';
import { isNothing, toProse, toText } from '../../../shared/runtime/values';

interface Variant {
	readonly prompt: string;
	readonly model?: string;
}

/** What all questions of one comparison share. */
export interface Target {
	readonly title: string;
	readonly decidedBy: 'judge' | 'ratings' | 'later';
	readonly output: 'report' | 'perQuestion';
	readonly variants?: { readonly A: Variant; readonly B: Variant };
	readonly judge?: { readonly model?: string; readonly rubric: string };
	readonly engines: string;
	readonly places?: number;
}

/** A question, with the answers and the preference where people have rated them already. */
export interface Asked {
	readonly question: string;
	readonly rated?: ComparedQuestion;
}

export type Answered = ComparedQuestion;

/** @throws InputError for a field that is missing, and for two variants that are the same */
export async function requestOf(
	item: NodeItem,
): Promise<{ readonly target: Target; readonly request: Asked }> {
	const decidedBy = item.choice<Target['decidedBy']>('decidedBy');
	const question = questionOf(item);
	if (decidedBy === 'ratings') {
		const target: Target = { title: 'Ratings of A and B', decidedBy, output: 'report', engines: '' };
		return { target, request: { question, rated: ratedOf(item, question) } };
	}
	const variants = variantsOf(item);
	if (JSON.stringify(variants.A) === JSON.stringify(variants.B)) {
		throw new InputError('A and B are the same. Change one of the two prompts or models.');
	}
	const { A, B } = variants;
	const title = A.model === B.model ? 'Prompt A and prompt B' : `${A.model} and ${B.model}`;
	return {
		target: {
			...{ title, decidedBy, variants },
			output: decidedBy === 'later' ? 'perQuestion' : item.choice<Target['output']>('output'),
			judge: {
				model: item.optionalText('options.judgeModel'),
				rubric: item.prose('options.rubric').trim() || DEFAULT_RUBRIC,
			},
			engines: await engineKey(item.context, item.index),
			places: item.optionalNumber('options.atOnce'),
		},
		request: { question },
	};
}

function variantsOf(item: NodeItem): { readonly A: Variant; readonly B: Variant } {
	if (item.choice('compareWhat') === 'models') {
		const prompt = item.prose('prompt');
		return {
			A: { prompt, model: partsOfModel(item.text('modelA')).model },
			B: { prompt, model: partsOfModel(item.text('modelB')).model },
		};
	}
	const model = modelOf(item);
	return { A: { prompt: item.prose('promptA'), model }, B: { prompt: item.prose('promptB'), model } };
}

/** Answers the question twice, and lets the judge compare where there is one. */
export async function answered(
	item: NodeItem,
	{ variants, decidedBy, judge }: Target,
	{ question, rated }: Asked,
	signal: AbortSignal,
): Promise<Answered> {
	if (rated) return rated;
	if (!variants) throw new Error('A comparison without ratings has variants');
	const engines = await enginesFor(item.context, item.index);
	const call = { ...callOptions(item), signal };
	const write = async ({ prompt, model }: Variant): Promise<string> => {
		const messages: ChatMessage[] = [
			...(isNothing(prompt) ? [] : [{ role: 'system' as const, content: prompt }]),
			{ role: 'user', content: question },
		];
		return (await engines.complete({ model, messages, ...chatSettings(item) }, call)).text;
	};
	const answerA = await write(variants.A);
	const answerB = await write(variants.B);
	if (decidedBy === 'later' || !judge) return { question, answerA, answerB };
	if (answerA === answerB) return { question, answerA, answerB, preference: 'tie' };
	const complete: typeof engines.complete = (request, options) => engines.complete(request, options);
	const { better, judged } = await compareAnswers(
		[{ role: 'user', content: question }],
		answerA,
		answerB,
		{ complete, ...judge },
		call,
	);
	// No verdict that can be read is no vote.
	if (!judged) return { question, answerA, answerB };
	const preference = better === 'first' ? 'A' : better === 'second' ? 'B' : 'tie';
	return { question, answerA, answerB, preference };
}

/** What people write for a preference, in whatever case. */
const PREFERENCES: Readonly<Record<string, Preference>> = {
	a: 'A',
	b: 'B',
	tie: 'tie',
	both: 'tie',
	none: 'tie',
};

function ratedOf(item: NodeItem, question: string): Answered {
	const value = item.pointed('preferenceField');
	const preference = isNothing(value)
		? undefined
		: PREFERENCES[toText(value, item.label('preferenceField')).trim().toLowerCase()];
	if (preference === undefined) {
		throw new InputError(
			`${item.where('preferenceField', value)} It should be A, B or tie. Leave out questions that nobody has rated.`,
		);
	}
	const text = (name: string) => (isNothing(item.json[name]) ? '' : toProse(item.json[name], name));
	return { question, answerA: text('answerA'), answerB: text('answerB'), preference };
}
