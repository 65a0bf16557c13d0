/** What a sentence says, reduced to comparable parts. English rules; words of other languages are compared as they stand. */
export interface SentenceParts {
	/** Stems of content words, each once. */
	readonly stems: readonly string[];
	/** Numbers and years, normalised: "1,500" → "1500", "three" → "3". */
	readonly numbers: readonly string[];
	/** Any negation: "neither … nor" is one, not two that cancel. */
	readonly negated: boolean;
}

/** Reads a sentence; `stems` hold no function words and no numbers. */
export function readSentence(text: string): SentenceParts {
	const words = tokens(text);
	const numbers = new Set<string>();
	const stems = new Set<string>();
	let negated = false;
	for (const word of words) {
		const number = numberOf(word);
		if (number !== undefined) numbers.add(number);
		else if (negations.has(word) || word.endsWith("n't")) negated = true;
		else if (!functionWords.has(word)) stems.add(stem(word));
	}
	return { stems: [...stems], numbers: [...numbers], negated };
}

function tokens(text: string): string[] {
	const plain = text
		.normalize('NFKC')
		.toLowerCase()
		.replace(/[‘’]/g, "'")
		.replace(/(?<=\d),(?=\d{3})/g, '');
	return (plain.match(/\d+(?:\.\d+)?|[\p{L}\p{M}]+(?:'[\p{L}]+)?/gu) ?? []).map((word) =>
		word.replace(/'s$/, ''),
	);
}

function numberOf(word: string): string | undefined {
	if (/^\d/.test(word)) return String(Number(word));
	const index = numberWords.indexOf(word);
	return index < 0 ? undefined : String(index);
}

/**
 * A light stem: the inflections of regular English words, then at most six letters ("investigated" and "investigation" meet, at the
 * price of a few false meetings). Enough for an overlap; no lemma is promised.
 */
function stem(word: string): string {
	const base = word.length > 4 ? word.replace(/(?:ies|ied)$/, 'y').replace(/(?:ing|ed|es|s|ly)$/, '') : word;
	return base.slice(0, 6);
}

const numberWords = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ');

const negations = new Set([
	'not',
	'no',
	'never',
	'none',
	'nobody',
	'nothing',
	'neither',
	'nor',
	'without',
	'cannot',
]);

const functionWords = new Set(
	(
		'a about above after again all also am an and any are as at be because been before being below between both but by can could did do ' +
		'does doing down during each few for from further had has have having he her here hers herself him himself his how i if in into is it ' +
		'its itself just me more most my myself of off on once only or other our ours out over own same she should so some such than that the ' +
		'their theirs them themselves then there these they this those through to too under until up very was we were what when where which ' +
		'while who whom why will with would you your yours'
	).split(' '),
);
