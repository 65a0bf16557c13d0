/**
 * Beginnings of answers that decline, in the languages our users write most. After the phrase lists of
 * lm-sys/FastChat's `clean_sharegpt` and of TruthfulQA-style refusal classifiers; only the first sentence counts, so that
 * an answer that explains what a model cannot do is kept.
 */
const BEGINNINGS: readonly RegExp[] = [
	/^(?:i['’]?m|i am) (?:very |really |truly )?sorry,? but (?:i|as an)\b/,
	/^(?:i['’]?m|i am) (?:not able|unable) to (?:help|assist|provide|comply|answer|do|create|generate|fulfil|share|discuss)\b/,
	/^(?:sorry|unfortunately|apologies|i apologi[sz]e)[,.]? (?:but )?(?:i|we) (?:can(?:no|['’])t|cannot|can not|am unable|am not able|won['’]t|must decline|have to decline)\b/,
	/^i (?:can(?:no|['’])t|cannot|can not|won['’]t|will not) (?:help|assist|provide|comply|answer|do that|create|generate|fulfil|share|discuss|continue|support|participate|engage)\b/,
	/^i (?:must|have to|need to) (?:respectfully )?decline\b/,
];

/** A beginning, and what follows it in the same sentence, in this order. */
const SENTENCES: ReadonlyArray<readonly [beginning: RegExp, ...rest: readonly RegExp[]]> = [
	[
		/^as an? (?:ai|artificial intelligence|(?:large )?language model)\b/,
		/\b(?:can(?:no|['’])t|cannot|unable|not able|do not have|don['’]t have)\b/,
	],
	[
		/^(?:es tut mir leid|tut mir leid|entschuldigung|leider)\b/,
		/\b(?:kann ich|ich kann|darf ich|ich darf)\b/,
		/\b(?:nicht|kein(?:e[nmrs]?)?)\b/,
	],
	[/^(?:je suis désolée?|désolée?|malheureusement)\b/, /\bje ne (?:peux|puis)\b/],
	[/^(?:lo siento|lamentablemente|disculpa)\b/, /\bno puedo\b/],
	[/^(?:mi dispiace|purtroppo)\b/, /\bnon posso\b/],
	[/^(?:desculpe|sinto muito|infelizmente)\b/, /\bnão posso\b/],
	[/^(?:het spijt me|helaas)\b/, /\bkan ik\b/, /\b(?:niet|geen)\b/],
];

/** Does the answer decline? Looks at its first 300 characters. */
export function isRefusal(answer: string): boolean {
	const start = answer.slice(0, 300).trimStart().toLowerCase();
	const [sentence = ''] = start.split(/[.!?]/, 1);
	return (
		BEGINNINGS.some((beginning) => beginning.test(start)) ||
		SENTENCES.some((parts) => hasInOrder(sentence, parts))
	);
}

function hasInOrder(text: string, parts: readonly RegExp[]): boolean {
	let rest = text;
	for (const part of parts) {
		const found = part.exec(rest);
		if (found === null) return false;
		rest = rest.slice(found.index + found[0].length);
	}
	return true;
}
