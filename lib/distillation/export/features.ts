import type { ExchangeRecord } from '../types';
import { FEATURES, type Feature } from './types';

/** Each feature as a bit: the exporter asks for every record, and a set for each would be most of its garbage. */
const BIT = Object.fromEntries(FEATURES.map((feature, position) => [feature, 1 << position])) as {
	readonly [feature in Feature]: number;
};

/** The features the record makes use of, as bits. */
export function featureBits(record: ExchangeRecord): number {
	let bits = 0;
	let turns = 0;
	for (const message of record.messages) {
		if (message.role === 'system') bits |= BIT.system;
		else turns++;
		if (message.name !== undefined) bits |= BIT.names;
		if (message.reasoning !== undefined) bits |= BIT.reasoning;
		if (message.toolCalls !== undefined || message.role === 'tool') bits |= BIT.toolCalls;
	}
	if (turns > 1) bits |= BIT.turns;
	if (record.tools !== undefined) bits |= BIT.tools;
	if (record.answers.length > 1) bits |= BIT.furtherAnswers;
	if (record.steps !== undefined) bits |= BIT.steps;
	if (record.schema !== undefined) bits |= BIT.schema;
	const answer = record.answers[0];
	if (answer === undefined) return bits;
	if (answer.reasoning !== undefined) bits |= BIT.reasoning;
	if (answer.toolCalls !== undefined) bits |= BIT.toolCalls;
	if (answer.logprobs !== undefined) bits |= BIT.logprobs;
	if (answer.label !== undefined) bits |= BIT.labels;
	return bits;
}

export function bitsOf(features: readonly Feature[]): number {
	return features.reduce((bits, feature) => bits | BIT[feature], 0);
}

export function namesOf(bits: number): Feature[] {
	return FEATURES.filter((feature) => (bits & BIT[feature]) !== 0);
}

/** Which features the record makes use of. */
export function featuresOf(record: ExchangeRecord): readonly Feature[] {
	return namesOf(featureBits(record));
}
