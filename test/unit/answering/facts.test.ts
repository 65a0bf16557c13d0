import { checkGrounding } from '../../../lib/answering';
import { differencesOf } from '../../../lib/answering/differences';
import { factsOf } from '../../../lib/answering/facts';

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

	test.each([
		['ninety-five guests', 95],
		['a hundred and five guests', 105],
		['nine hundred and ninety-nine guests', 999],
		['two thousand three hundred guests', 2300],
		['dreiundzwanzig Gäste', 23],
		['hundertfünfzig Gäste', 150],
		['zweitausendfünfhundert Gäste', 2500],
		['soixante-dix-sept invités', 77],
		['quatre-vingts invités', 80],
		['quatre-vingt-dix-neuf invités', 99],
		['vingt et un invités', 21],
		['deux cent quarante invités', 240],
		['treinta y cinco invitados', 35],
		['veintidós invitados', 22],
		['doscientas cuarenta personas', 240],
		['quarantotto ospiti', 48],
		['centoventi ospiti', 120],
		['duemila ospiti', 2000],
		['ventuno ospiti', 21],
	])('reads the number in "%s"', async (words, value) => {
		const claim = `La sala Rex ${words}.`;
		expect(
			(await differences(`La sala Rex ${value} ${words.split(' ').at(-1)}.`, claim)).missingNumbers,
		).toEqual([]);
		const other = await differences(`La sala Rex ${value + 1} ${words.split(' ').at(-1)}.`, claim);
		expect(other.missingNumbers).toHaveLength(1);
	});

	test.each([
		['Members of the board serve without pay.', 'The board members are not paid.'],
		['Le budget initial n’a pas été dépassé.', 'L’enveloppe prévue au départ a été respectée.'],
		['Le forme maturano almeno 120 giorni.', 'Le forme maturano non meno di 120 giorni.'],
		['Sulle rovine ne sorse uno nuovo.', 'Uno nuovo sorse sulle rovine.'],
		['Der Garten ist nicht nur schön, sondern groß.', 'Der Garten ist schön und groß.'],
	])('denied in other words, or not at all: %s', async (passage, claim) => {
		expect((await differences(passage, claim)).negationDiffers).toBe(false);
	});

	test.each([
		[
			'Die Kantine ist nach der Spätschicht nicht mehr geöffnet.',
			'Nach der Spätschicht ist die Kantine geöffnet.',
		],
		['Im Krieg blieb die Bahn unbeschädigt.', 'Im Krieg wurde die Bahn beschädigt.'],
		[
			'Das Passwort darf weder den Namen noch das Geburtsjahr enthalten.',
			'Das Passwort darf das Geburtsjahr enthalten.',
		],
		['Gli armadietti vanno svuotati ogni sera.', 'La sera non è necessario svuotare gli armadietti.'],
		['La sagra si farà, ma senza fuochi.', 'La sagra non si farà.'],
	])('denied in one of them: %s', async (passage, claim) => {
		expect((await differences(passage, claim)).negationDiffers).toBe(true);
	});

	it('sees another month or day in a compound, and a name that is also a function word', async () => {
		expect(
			(await differences('Das Fest ist am Augustwochenende.', 'Das Fest ist am Juliwochenende.'))
				.missingDates,
		).not.toEqual([]);
		expect(
			(await differences('La sede di Lecco è aperta.', 'La sede di Como è aperta.')).missingNames,
		).toEqual(['como']);
	});

	it('does not join what one sentence says with who is named in the next', () => {
		const [before, main] = [
			'Wick led twice through Danny Okoro.',
			'The captain Luke Tansley headed the third goal.',
		];
		const known = new Set(['danny', 'okoro', 'luke', 'tansle']);
		const evidence = { facts: factsOf(`${before} ${main}`), main: factsOf(main), known, shared: 0.5 };
		expect(
			differencesOf(factsOf('The third goal was headed by Danny Okoro.'), evidence).missingNames,
		).toEqual(['danny', 'okoro']);
		const she = factsOf('The captain headed the third goal.');
		expect(
			differencesOf(factsOf('The third goal was headed by Danny Okoro.'), { ...evidence, main: she }),
		).toMatchObject({
			missingNames: [],
			borrowed: true,
		});
	});
});
