import type { ExchangeRecord } from '../types';
import type { Feature } from './types';

/** Which features the record makes use of. */
export function featuresOf(record: ExchangeRecord): ReadonlySet<Feature> {
	const features = new Set<Feature>();
	let turns = 0;
	for (const message of record.messages) {
		if (message.role === 'system') features.add('system');
		else turns++;
		if (message.name !== undefined) features.add('names');
		if (message.reasoning !== undefined) features.add('reasoning');
		if (message.toolCalls !== undefined || message.role === 'tool') features.add('toolCalls');
	}
	if (turns > 1) features.add('turns');
	if (record.tools !== undefined) features.add('tools');
	if (record.answers.length > 1) features.add('furtherAnswers');
	if (record.steps !== undefined) features.add('steps');
	if (record.schema !== undefined) features.add('schema');
	const answer = record.answers[0];
	if (answer?.reasoning !== undefined) features.add('reasoning');
	if (answer?.toolCalls !== undefined) features.add('toolCalls');
	if (answer?.logprobs !== undefined) features.add('logprobs');
	if (answer?.label !== undefined) features.add('labels');
	return features;
}
