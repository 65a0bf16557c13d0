import { DistillationError } from '../errors';
import type { ExchangeRecord } from '../types';
import type { Gate } from './types';

export interface LanguageOptions {
	/** ISO 639-1 codes that are kept ("en", "de"). */
	readonly allow: readonly string[];
	/** Texts the detector is not sure about: `keep` (default; short answers, code) or `reject`. */
	readonly unsure?: 'keep' | 'reject';
}

/** Language is plain after a few hundred characters; more only costs time. */
const SAMPLE = 300;

/** Detects with `eld` (n-gram statistics of 60 languages), loaded when the gate is made. */
export async function languageGate(options: LanguageOptions): Promise<Gate> {
	const { eld } = await import('eld/small');
	const known = new Set(Object.values(eld.info().Languages ?? {}));
	const allow = new Set(options.allow.map((code) => code.toLowerCase()));
	const odd = [...allow].find((code) => !known.has(code));
	if (allow.size === 0 || odd !== undefined) {
		throw new DistillationError(
			'invalidOptions',
			odd === undefined
				? 'The language gate needs at least one language.'
				: `The language "${odd}" is not known. Known: ${[...known].sort().join(', ')}.`,
		);
	}
	const sample = (record: ExchangeRecord) => {
		const answer = record.answers[0]?.content ?? '';
		const question = record.messages.findLast((message) => message.role === 'user')?.content ?? '';
		return (answer.length >= SAMPLE ? answer : `${answer}\n${question}`).slice(0, SAMPLE);
	};
	return {
		name: 'language',
		judge: (record) => {
			const found = eld.detect(sample(record));
			if (!found.isReliable()) return options.unsure === 'reject' ? { reason: 'unsure' } : undefined;
			if (!allow.has(found.language)) return { reason: found.language };
			return record.language === undefined ? { record: { ...record, language: found.language } } : undefined;
		},
	};
}
