import { judgeBy, type CurateOptions } from '../../../../lib/distillation';
import { likenessVectorsOf } from '../../../../lib/embedding';
import { cosineLimitsOf } from '../../../../lib/support';
import { embedderFor } from '../../../shared/runtime/embedders';
import { enginesFor, hasEngine } from '../../../shared/runtime/engines';
import { InputError } from '../../../shared/runtime/errors';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import { toList } from '../../../shared/runtime/values';

/** With a judge and no line drawn: the middle of its scale. */
const MIN_SCORE = 0.5;

/** Gates that ask something beyond the records, as the node's options say. */
export const judgedGatesOf = async (item: NodeItem): Promise<CurateOptions> => ({
	...(await contaminationOf(item)),
	...(await scoreOf(item)),
});

async function contaminationOf(item: NodeItem): Promise<Pick<CurateOptions, 'contamination'>> {
	const model = item.optionalChoice('options.paraphrases');
	if (!item.isSet('options.evaluationField')) {
		if (model === undefined) return {};
		throw new InputError(
			'"Evaluation Paraphrases" needs evaluation questions. Add the option "Evaluation Questions Field" and send the questions in it.',
		);
	}
	const value = item.pointed('options.evaluationField');
	if (!Array.isArray(value) || value.length === 0) {
		throw new InputError(
			`${item.where('options.evaluationField', value)} It should be a list of evaluation texts. Send it, or remove the option.`,
		);
	}
	const evaluation = toList(value, item.label('options.evaluationField'));
	if (model === undefined) return { contamination: { evaluation } };
	const embedder = await embedderFor(item.context, model, item.index);
	return {
		contamination: {
			evaluation,
			minCosine: item.optionalNumber('options.minCosine') ?? cosineLimitsOf(embedder.model)?.paraphrase,
			embed: async (texts, call) => await likenessVectorsOf(embedder, texts, call),
		},
	};
}

async function scoreOf(item: NodeItem): Promise<Pick<CurateOptions, 'score'>> {
	const rubric = item.prose('options.judgeRubric').trim();
	const model = item.optionalText('options.judgeModel');
	if (rubric === '') {
		if (model === undefined) return {};
		throw new InputError('A judge needs to know what is good: add the option "Judge Rubric".');
	}
	if (!hasEngine(item.context, item.index)) {
		throw new InputError(
			'A judge needs an engine. Choose a Local Engine API credential in this node, or remove the option "Judge Rubric".',
		);
	}
	const engines = await enginesFor(item.context, item.index);
	return {
		score: {
			minScore: item.optionalNumber('options.minScore') ?? MIN_SCORE,
			judge: judgeBy({
				complete: (request, call) => engines.complete(request, call),
				rubric,
				...(model !== undefined && { model }),
			}),
		},
	};
}
