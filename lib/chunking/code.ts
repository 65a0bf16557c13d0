import { bestBreak } from './breaks';
import { CODE_LANGUAGES, type CodeLanguageName, guessCodeLanguage } from './codeLanguages';
import { codePlaces, type Place } from './codePlaces';
import type { Description, Method } from './method';

const DESCRIPTION: Description = Object.freeze({ headings: Object.freeze([]), kind: 'code' });

/**
 * Cuts code between the largest syntactic units that fit: of all places in the window the last of those that are least
 * deep, by brackets and then by indentation, never inside a string or comment if there is another place, and before the
 * comments and decorators of a definition. This is the split-then-merge of cAST (arXiv 2506.15655) read off brackets and
 * indentation instead of a grammar: it works for every language, for broken code, in one pass and without a wasm parser.
 */
export function codeMethod(text: string, language: CodeLanguageName | 'auto'): Method {
	const name = language === 'auto' ? guessCodeLanguage(text) : language;
	const source = codePlaces(text, CODE_LANGUAGES[name]);
	let places: Place[] = [];
	let exhausted = false;

	function readPast(limit: number): void {
		while (!exhausted && (places.at(-1)?.at ?? -1) <= limit) {
			const next = source.next();
			if (next.done) exhausted = true;
			else places.push(next.value);
		}
	}

	return {
		describe: () => DESCRIPTION,
		cut(bodyStart, floor, limit) {
			if (limit >= text.length) return limit;
			readPast(limit);
			let known = 0;
			while (known < places.length && (places[known]?.at ?? 0) <= bodyStart) known++;
			// One place before the window stays, for the comments above the first definition in it.
			if (known > 1) places = places.slice(known - 1);
			return bestPlace(places, floor, limit) ?? bestBreak(text, floor, limit).at;
		},
	};
}

function bestPlace(places: readonly Place[], floor: number, limit: number): number | undefined {
	let best: Place | undefined;
	for (let i = 0; i < places.length; i++) {
		const place = places[i];
		if (!place || place.at > limit) break;
		if (place.at <= floor || place.blank || place.inside || place.closing) continue;
		const before = places[i - 1];
		// Between a comment or decorator and what it belongs to.
		if (before && before.at > floor && before.leading && !before.blank && before.depth === place.depth)
			continue;
		if (!best || place.depth < best.depth || (place.depth === best.depth && place.indent <= best.indent))
			best = place;
	}
	return best?.at;
}
