import type { CallOptions, ClassifyRequest, ClassifyResult } from '../engine';
import { AnsweringError } from './errors';
import {
	type GroundingPassage,
	type GroundingReport,
	labelsOf,
	readClaim,
	reportOf,
	type SentenceVerdict,
} from './grounding';
import { passageLine } from './passageText';
import { splitSentences } from './sentences';

export interface EngineGroundingOptions {
	readonly model?: string;
	/** Probability of "yes" from which a sentence counts as supported. Default 0.5. */
	readonly threshold?: number;
	/** Show the model only the passages that the sentence cites. Default true. */
	readonly citedOnly?: boolean;
}

/** One question for each: a longer answer is checked in parts. */
const MOST_SENTENCES = 200;
const LABELS = [
	{ name: 'yes', description: 'the passages say so, in whatever words' },
	{ name: 'no', description: 'the passages say something else, or nothing about it' },
];
const INSTRUCTIONS =
	'Decide whether passages support a statement. Each passage is one line of JSON. Compare names, numbers, dates and negations exactly, and use no other knowledge.';

/**
 * Asks a model for each sentence of an answer whether the passages support it. The passages stand before the statement, so an engine with a prefix
 * cache reads them once.
 *
 * @param classify of an engine pool; the score of a sentence is the probability that it gives "yes", or 0 and 1 where the engine
 * tells none
 * @throws AnsweringError `invalidRequest` without passages or for more than 200 sentences; what `classify` throws
 */
export async function checkGroundingByEngine(
	classify: (request: ClassifyRequest, call?: CallOptions) => Promise<ClassifyResult>,
	answer: string,
	passages: readonly GroundingPassage[],
	{ model, threshold = 0.5, citedOnly = true }: EngineGroundingOptions = {},
	call: CallOptions = {},
): Promise<GroundingReport & { readonly model?: string }> {
	if (passages.length === 0)
		throw new AnsweringError('invalidRequest', 'There are no passages to check the answer against.');
	const sentences = [...splitSentences(answer)];
	if (sentences.length > MOST_SENTENCES)
		throw new AnsweringError(
			'invalidRequest',
			`The answer has ${sentences.length} sentences; at most ${MOST_SENTENCES} are checked by a model. Check the answer in parts.`,
		);
	const labels = labelsOf(passages);
	const verdicts: SentenceVerdict[] = [];
	let answered: string | undefined;
	for (const sentence of sentences) {
		const { text, start, end, cited, bare, claims } = readClaim(sentence, labels);
		const base = {
			text,
			start,
			end,
			cited,
			missingNumbers: [],
			missingDates: [],
			missingNames: [],
			negationDiffers: false,
		};
		if (!claims) {
			verdicts.push({ ...base, state: 'noClaim', score: 0 });
			continue;
		}
		const shown = passages.filter(
			(_, at) => !citedOnly || cited.length === 0 || cited.includes(labels[at] ?? ''),
		);
		const lines = shown.map((passage, at) => passageLine(at + 1, { source: 'passage' }, passage.text.trim()));
		const { label, shares, result } = await classify(
			{
				...(model !== undefined && { model }),
				text: `Passages:\n${lines.join('\n')}\n\nStatement: ${JSON.stringify(bare)}\n\nDo the passages support the statement?`,
				labels: LABELS,
				allowNone: false,
				instructions: INSTRUCTIONS,
			},
			call,
		);
		answered = result.model;
		const score = shares?.yes ?? Number(label === 'yes');
		verdicts.push({ ...base, score, state: score >= threshold ? 'supported' : 'unsupported' });
	}
	return { ...reportOf(verdicts), ...(answered !== undefined && { model: answered }) };
}
