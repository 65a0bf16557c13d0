import type { Facts } from './facts';

/** What a claim states that its evidence does not. */
export interface Differences {
	/** Numbers of the claim that the evidence does not hold, as the claim writes them. */
	readonly missingNumbers: readonly string[];
	/** Months and days of the week, and beginnings of names, that it does not hold. */
	readonly missingDates: readonly string[];
	readonly missingNames: readonly string[];
	/** One of the two denies what the other says. */
	readonly negationDiffers: boolean;
}

export interface Evidence {
	/** Of one sentence or two. */
	readonly facts: Facts;
	/** Of the one of them that is nearest to the claim. */
	readonly main: Facts;
	/** Share of the claim's words that the main sentence has, rare ones counting more, 0–1. */
	readonly shared: number;
	/** Stems of the whole passage. */
	readonly known: ReadonlySet<string>;
}

/**
 * Share of the words from which a claim and a sentence that say the same should both deny something, or neither. With few words in
 * common one may say in other words what the other denies ("without pay" and "not paid"). Chosen on test/fixtures/grounding.
 */
const SAME_WORDS = 0.3;

/**
 * Compares the facts of a claim with those of its evidence. What stands only in the sentence beside the main one counts where the main
 * sentence says nothing of that kind ("She left in May" beside the sentence that names her), and not where it says another one:
 * "Okoro scored twice. The winner came from Reeves" does not say that the winner came from Okoro.
 *
 * @returns with `borrowed`: whether a name stands elsewhere in the passage
 */
export function differencesOf(
	claim: Facts,
	{ facts, main, shared, known }: Evidence,
): Differences & { readonly borrowed: boolean } {
	const numbersOf = (of: Facts): number[] => [...of.numbers, ...of.doubtful].flatMap(({ values }) => values);
	const [all, nearest] = [new Set(numbersOf(facts)), new Set(numbersOf(main))];
	const stated = new Set(numbersOf(claim));
	const otherNumber = main.numbers.some(({ values }) => !values.some((value) => stated.has(value)));
	const holds = (values: readonly number[], set: ReadonlySet<number>): boolean =>
		values.some((value) => set.has(value));
	const missingNumbers = claim.numbers
		.filter(({ values }) => !holds(values, all) || (otherNumber && !holds(values, nearest)))
		.map(({ written }) => written);

	const otherDate = [...main.dates].some((date) => !claim.dates.has(date));
	const missingDates = [...claim.dates].filter(
		(date) => !facts.dates.has(date) || (otherDate && !main.dates.has(date)),
	);

	const otherName = [...main.names].some((name) => !claim.stems.has(name));
	const borrowedNames = [...claim.names].filter((name) => !main.stems.has(name));
	const missingNames = borrowedNames.filter((name) => otherName || !known.has(name));

	return {
		missingNumbers,
		missingDates,
		missingNames,
		negationDiffers:
			denies(claim, facts) ||
			denies(facts, claim) ||
			(shared >= SAME_WORDS && claim.denied.size > 0 !== main.denied.size > 0),
		borrowed: borrowedNames.length > missingNames.length,
	};
}

/** Whether one says of something that it is not so, and the other that it is. */
function denies(one: Facts, other: Facts): boolean {
	for (const stem of one.denied) if (other.affirmed.has(stem) && !other.denied.has(stem)) return true;
	return false;
}
