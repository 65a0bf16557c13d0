// Two variants on the same questions: what the votes can tell, and when they are too few.
import { comparePreferences, MIN_QUESTIONS, type Preference, preferencesPage } from '../../../lib/experiment';
import { randomSource } from '../../support/random';

const votes = (a: number, b: number, ties = 0): Preference[] => [
	...Array.from({ length: a }, (): Preference => 'A'),
	...Array.from({ length: b }, (): Preference => 'B'),
	...Array.from({ length: ties }, (): Preference => 'tie'),
];

it.each([
	[votes(0, 0), 'too few to say'],
	[votes(0, MIN_QUESTIONS - 1), 'too few to say'],
	[votes(0, MIN_QUESTIONS), 'B is better'],
	[votes(MIN_QUESTIONS, 0), 'A is better'],
	[votes(6, 9), 'no difference found'],
	[votes(30, 70), 'B is better'],
	[votes(0, 0, 50), 'no difference found'],
	[votes(45, 55), 'no difference found'],
] as const)('%#: the verdict follows the interval', (preferences, verdict) => {
	expect(comparePreferences(preferences).verdict).toBe(verdict);
});

it('counts a tie as half a vote and says what it rests on', () => {
	const { preferB, winsA, winsB, ties, explanation } = comparePreferences(votes(10, 20, 10));
	expect([winsA, winsB, ties, preferB.mean]).toEqual([10, 20, 10, 0.625]);
	expect(explanation).toContain('62.5 % of 40 questions');
});

it('calls two equal variants different in about one of twenty comparisons, not more', () => {
	const random = randomSource(3);
	let wrong = 0;
	for (let round = 0; round < 1000; round++) {
		const preferences = Array.from({ length: 40 }, (): Preference => (random() < 0.5 ? 'A' : 'B'));
		if (comparePreferences(preferences).verdict !== 'no difference found') wrong++;
	}
	expect(wrong).toBeLessThan(75);
});

it('the page escapes questions and answers', () => {
	const page = preferencesPage('<A> and B', comparePreferences(votes(1, 0)), [
		{ question: '<b>?', answerA: '<script>x</script>', answerB: '"', preference: 'A' },
	]);
	expect(page).toContain('&lt;script&gt;');
	expect(page).not.toMatch(/<script|<b>/);
	expect(page).toContain('too few to say');
});
