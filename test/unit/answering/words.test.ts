import { rarityIn, readSentence, shareOf, termsOf } from '../../../lib/answering/words';

describe('what a sentence says', () => {
	test.each([
		['accents aside', 'Le café', 'the cafe'],
		['inflections aside', 'investigated engines', 'the investigation of an engine'],
		['possessives aside', 'the captain’s ship', 'a captain and ships'],
		['elisions aside', "l'eau de l'hôtel", 'eau hotel'],
		['numbers as digits or words', 'three tickets for 1,500 euros', '3 tickets, 1500 euro'],
		['function words of German aside', 'der Vertrag und die Kündigung', 'Vertrag Kundigung'],
	])('%s', (_, one, other) => {
		expect([...termsOf(one)].filter((term) => term !== 'for').sort()).toEqual([...termsOf(other)].sort());
	});

	it('negation is told from words, and numbers are told apart', () => {
		expect(readSentence("She didn't pay 20 euros.")).toEqual({
			stems: ['pay', 'euro'],
			numbers: ['20'],
			negated: true,
		});
		expect(readSentence('They never came; nobody did.').negated).toBe(true);
		expect(readSentence('They came.').negated).toBe(false);
	});

	it('a word that means something in one of the languages stays a word', () => {
		expect(readSentence('The war and the man with a hat.').stems).toEqual(['war', 'man', 'hat']);
	});
});

it('rare terms weigh more, and a share is of what was wanted', () => {
	const texts = [['museum'], ['museum', 'zebra'], ['soup']].map((terms) => new Set(terms));
	const rarity = rarityIn(texts);
	expect(rarity('zebra')).toBeGreaterThan(rarity('museum'));
	const shares = texts.map((terms) => shareOf(['museum', 'zebra'], terms, rarity));
	expect(shares[0]).toBeGreaterThan(0);
	expect(shares[0]).toBeLessThan(0.5);
	expect(shares.slice(1)).toEqual([1, 0]);
	expect(shareOf([], new Set(['museum']), rarity)).toBe(0);
});
