import { EngineError } from '../errors';

/** A literal in llama.cpp's grammar language. */
export function gbnfString(text: string): string {
	return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}"`;
}

const CLASSES: { readonly [letter: string]: string } = {
	d: '[0-9]',
	D: '[^0-9]',
	w: '[A-Za-z0-9_]',
	W: '[^A-Za-z0-9_]',
	s: '[ \\t\\n\\r]',
	S: '[^ \\t\\n\\r]',
};
const CONTROL: { readonly [letter: string]: string } = { n: '\n', r: '\r', t: '\t' };

/**
 * A regular expression as one GBNF expression: repetition, groups, alternatives and classes are the same there, literals
 * are quoted. The whole answer matches, so `^` and `$` at the ends fall away. What a grammar cannot say (look-around, back
 * references, anchors elsewhere, lazy repetition) is refused.
 *
 * @throws EngineError `invalidRequest`
 */
export function regexToGbnf(pattern: string): string {
	const source = pattern.replace(/^\^/, '').replace(/(?<!\\)\$$/, '');
	let at = 0;
	const refuse = (what: string): never => {
		throw new EngineError(
			'invalidRequest',
			`llama.cpp cannot be held to the pattern ${pattern}: ${what}. Write it as a grammar instead.`,
		);
	};

	const alternatives = (): string => {
		const all = [sequence()];
		while (source[at] === '|') {
			at++;
			all.push(sequence());
		}
		return all.join(' | ');
	};
	const sequence = (): string => {
		const items: string[] = [];
		while (at < source.length && source[at] !== '|' && source[at] !== ')') items.push(atom() + repetition());
		return items.length === 0 ? '""' : items.join(' ');
	};
	const repetition = (): string => {
		const rest = source.slice(at);
		const match = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(rest);
		if (match === null) return '';
		at += match[0].length;
		if (source[at] === '?' || source[at] === '+') refuse('lazy and possessive repetition');
		return match[0];
	};
	const atom = (): string => {
		const char = source[at++] ?? '';
		if (char === '(') return group();
		if (char === '[') return classOf();
		if (char === '.') return '[^\\n]';
		if (char === '\\') return escaped();
		if (char === '^' || char === '$') return refuse('an anchor inside');
		if ('*+?{'.includes(char)) return refuse('nothing to repeat');
		return gbnfString(char);
	};
	const group = (): string => {
		if (source.startsWith('?:', at)) at += 2;
		else if (/^\?<[A-Za-z]/.test(source.slice(at))) at = source.indexOf('>', at) + 1;
		else if (source[at] === '?') refuse('look-around');
		const inner = alternatives();
		if (source[at++] !== ')') refuse('a group is not closed');
		return `(${inner})`;
	};
	const classOf = (): string => {
		const match = /^\^?(?:\\.|[^\]\\])+\]/s.exec(source.slice(at));
		if (match === null) return refuse('a class is not closed');
		at += match[0].length;
		const inner = match[0].replace(/\\([dws])/g, (_, letter: string) => (CLASSES[letter] ?? '').slice(1, -1));
		if (/\\[DWSbBpPuk]/.test(inner)) refuse('a class inside a class');
		// GBNF knows \\ \] \[ \n \r \t in classes; other escaped signs stand for themselves.
		return `[${inner.replace(/\\([^\\[\]nrtx"])/g, '$1')}`;
	};
	const escaped = (): string => {
		const letter = source[at++] ?? '';
		const known = CLASSES[letter];
		if (known !== undefined) return known;
		const control = CONTROL[letter];
		if (control !== undefined) return gbnfString(control);
		if (/[A-Za-z0-9]/.test(letter)) return refuse(`\\${letter}`);
		return gbnfString(letter);
	};

	const grammar = alternatives();
	if (at < source.length) refuse('a bracket too many');
	return grammar;
}
