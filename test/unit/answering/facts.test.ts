import { checkGrounding } from '../../../lib/answering';

/** What a claim says that its passage does not, by words alone. */
async function differences(passage: string, claim: string) {
	const [verdict] = (await checkGrounding(claim, [{ text: passage }])).sentences;
	const {
		missingNumbers = [],
		missingDates = [],
		missingNames = [],
		negationDiffers = false,
	} = verdict ?? {};
	return { missingNumbers, missingDates, missingNames, negationDiffers };
}

const NONE = { missingNumbers: [], missingDates: [], missingNames: [], negationDiffers: false };

describe('facts are compared as such', () => {
	test.each([
		['The plant in Leeds employs 1,500 people.', '1500 people are employed by the plant in Leeds.'],
		['The shop opens at nine on Mondays.', 'On Monday the shop opens at 9.'],
		['The fund has 15 million euros.', 'The fund has fifteen million euros.'],
		[
			'Herr Keller leitet das Lager in Bremen seit März 2019.',
			'Das Lager in Bremen wird seit März 2019 von Herrn Keller geführt.',
		],
		['Das Lager hat 25 Plätze.', 'Das Lager hat fünfundzwanzig Plätze.'],
		['Le magasin ouvre à neuf heures le lundi.', 'Le magasin ouvre à 9 heures le lundi.'],
		[
			'La garantía dura 24 meses y cubre las piezas.',
			'La garantía cubre las piezas y dura veinticuatro o 24 meses.',
		],
		['La sede di Torino ha dodici uffici.', 'La sede di Torino ha 12 uffici.'],
	])('the same in other words: %s', async (passage, claim) => {
		const found = await differences(passage, claim);
		expect({ ...found, missingNumbers: found.missingNumbers.filter((each) => /\d/.test(each)) }).toEqual(
			NONE,
		);
	});

	test.each([
		['The plant in Leeds employs 1,500 people.', 'The plant in Derby employs 1,500 people.', 'missingNames'],
		['The lease ends on 5 March 2027.', 'The lease ends on 5 May 2027.', 'missingDates'],
		['Der Vertrag endet im März 2027.', 'Der Vertrag endet im Juni 2027.', 'missingDates'],
		['Das Lager in Bremen ist das größte.', 'Das Lager in Hamburg ist das größte.', 'missingNames'],
		['La garantía dura 24 meses.', 'La garantía dura 12 meses.', 'missingNumbers'],
		['La signora Rossi dirige la sede.', 'La signora Bianchi dirige la sede.', 'missingNames'],
		['Le contrat finit le 3 avril.', 'Le contrat finit le 3 juillet.', 'missingDates'],
	] as const)('changed: %s', async (passage, claim, kind) => {
		expect((await differences(passage, claim))[kind]).not.toEqual([]);
	});

	test.each([
		['Dogs are allowed in the hall.', 'Dogs are not allowed in the hall.'],
		['Hunde sind in der Halle erlaubt.', 'Hunde sind in der Halle nicht erlaubt.'],
		['Les chiens sont admis dans la salle.', 'Les chiens ne sont pas admis dans la salle.'],
		['Los perros están permitidos en la sala.', 'Los perros no están permitidos en la sala.'],
		['I cani sono ammessi nella sala.', 'I cani non sono ammessi nella sala.'],
	])('denied: %s', async (passage, claim) => {
		expect((await differences(passage, claim)).negationDiffers).toBe(true);
	});
});
