import type { Passage, Question } from '../../../../lib/evaluation';
import { isObject, messageOf } from '../../../../lib/support';
import { InputError } from '../../../shared/runtime/errors';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import { questionOf } from '../../../shared/runtime/question';

export interface Questions {
	readonly questions: readonly Question[];
	/** Items that cannot be examined: no question, or nobody knows what answers it. */
	readonly skipped: ReadonlyArray<{ readonly item: number; readonly reason: string }>;
}

/**
 * Questions with what answers them, one an item: written by hand, or from the log of a webhook, where the sources of an
 * answer are its citations and many items have none. A question that was asked more than once counts once, with all the
 * sources and passages that were named for it.
 * @throws InputError when no item is left
 */
export function questionsOf(items: readonly NodeItem[]): Questions {
	const skipped: Array<{ item: number; reason: string }> = [];
	const found = new Map<string, { id: string; sources: Set<string>; passages: Map<string, Passage> }>();
	for (const item of items) {
		try {
			const text = questionOf(item).trim();
			const { sources, passages } = answersOf(item);
			const known = found.get(text) ?? {
				...{ id: `item ${item.index + 1}`, sources: new Set<string>(), passages: new Map<string, Passage>() },
			};
			for (const source of sources) known.sources.add(source);
			for (const passage of passages) known.passages.set(JSON.stringify(passage), passage);
			found.set(text, known);
		} catch (error) {
			skipped.push({ item: item.index + 1, reason: messageOf(error) });
		}
	}
	if (found.size === 0) {
		throw new InputError(
			`No item is a question with a known answer. ${skipped[0] ? `Item ${skipped[0].item}: ${skipped[0].reason}` : 'Send at least one.'}`,
		);
	}
	const questions = [...found].map(([text, { id, sources, passages }]) => ({
		...{ id, text },
		...(sources.size > 0 && { sources: [...sources] }),
		...(passages.size > 0 && { passages: [...passages.values()] }),
	}));
	return { questions, skipped };
}

function answersOf(item: NodeItem): {
	readonly sources: readonly string[];
	readonly passages: readonly Passage[];
} {
	const named = item.pointed('sourcesField');
	const places = item.pointed('passagesField');
	const sources = listOf(named).flatMap((entry) => sourceOf(entry) ?? []);
	const passages = listOf(places).flatMap((entry) => passageOf(entry) ?? []);
	if (sources.length > 0 || passages.length > 0) return { sources, passages };
	throw new InputError(
		`it says neither which sources nor which passages answer it. ${item.where('sourcesField', named)} ${item.where('passagesField', places)}`,
	);
}

const listOf = (value: unknown): readonly unknown[] =>
	Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

/** A name, or something that has one: a citation, a hit. */
function sourceOf(entry: unknown): string | undefined {
	const name = isObject(entry) ? entry.source : entry;
	return typeof name === 'string' && name !== '' ? name : undefined;
}

function passageOf(entry: unknown): Passage | undefined {
	if (!isObject(entry)) return undefined;
	const { source, start, end } = entry;
	if (typeof source !== 'string' || typeof start !== 'number' || typeof end !== 'number') return undefined;
	return { source, start, end };
}
