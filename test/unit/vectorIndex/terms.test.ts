import { array, assert, constantFrom, oneof, property, string } from 'fast-check';
import { codesOf, queryTermsOf, TermLines, termsOf } from '../../../lib/vectorIndex/terms';

/** What a question and a row have in common, but for single characters. */
function shared(question: string, text: string): string[] {
	const terms = new Set(termsOf(text));
	return queryTermsOf(question).flatMap(({ term }) => (terms.has(term) ? [term] : []));
}

/** Whether a row has one of the question's terms that says more than two characters, or a function word, can. */
function meets(question: string, text: string): boolean {
	const terms = new Set(termsOf(text));
	return queryTermsOf(question).some(
		({ term, weight }) => weight >= 0.5 && /^(?:\p{ASCII}{3}|\P{ASCII})/u.test(term) && terms.has(term),
	);
}

/** Whether a row has each word of the question, or says the same in other letters. */
function findsAll(question: string, text: string): boolean {
	const terms = new Set(termsOf(text));
	return termsOf(question).every((term) => terms.has(term));
}

/** Whether the first word of the question, in one of its spellings, is in the text: not only its beginning. */
function findsWord(question: string, text: string): boolean {
	const [word = ''] = termsOf(question);
	return shared(question, text).some((term) => term.length >= word.length);
}

describe('terms', () => {
	it('are words in lower case, with the beginning of long ones', () => {
		expect(termsOf('The Café—№ 5, ﬁn')).toEqual(['the', 'cafe', 'no', '5', 'fin']);
		expect(termsOf('Investigated prices')).toEqual(['investigated', 'inves', 'prices', 'price']);
		expect(termsOf('Fees, jobs, cars; this bus, less')).toEqual([
			...['fees', 'fee', 'jobs', 'job', 'cars', 'car', 'this', 'bus', 'less'],
		]);
	});

	it.each([
		['English', 'investigations', 'They investigated it.'],
		['German', 'Kündigungsfrist', 'Die Kündigungsfristen betragen drei Monate.'],
		['Spanish', 'trabajadores', 'Un trabajador descansa.'],
		['Russian', 'договоров', 'Стороны заключили договор.'],
		['Turkish', 'Ankara’nın evleri', 'Evlerimiz Ankara’dadır.'],
		['Finnish', 'taloudellinen', 'Taloudelliset luvut'],
		['Greek', 'εργαζομένων', 'Οι εργαζόμενοι'],
		['Arabic', 'المدينة', 'في مدينتنا'],
		['Hindi', 'किताबें', 'यह किताब है'],
		['Korean', '회사는', '그 회사에서'],
		['Polish', 'umowami', 'Umowa wygasa.'],
		['Hebrew', 'עובדים', 'עובדי'],
	])('of %s words in other forms meet', (_, question, text) => {
		expect(shared(question, text)).not.toEqual([]);
	});

	it.each([
		['Mueller', 'Herr Müller'],
		['Müller', 'Herr Mueller'],
		['Muller', 'Herr Müller'],
		['Groessenstrasse', 'in der Größenstraße'],
		['Größenstrasse', 'GRÖSSENSTRASSE'],
		['Kuendigungsfristen', 'Kündigungsfristen'],
		['oere', 'øre'],
		['ore', 'øre'],
		['Aarhus', 'Århus'],
		['lodz', 'Łódź'],
		['Dong Da', 'Đống Đa'],
		['istanbul isik', 'İSTANBUL ışık'],
		['Ælfred', 'aelfred'],
		['елка', 'ёлка'],
		['ΟΔΟΣ', 'οδός'],
		['strasse', 'straße'],
		['łódź', 'LODZ'],
		['ﬁnance', 'finance'],
		['ＡＢＣ１２３', 'abc123'],
		['データ', 'ﾃﾞｰﾀ'],
		['١٥٠٠', '1500'],
		['१२', '12'],
		['مُدَرِّس', 'مدرس'],
		['کتاب', 'كتاب'],
		['Haftpflichtversicherung', 'Haft\u00adpflicht\u00adversiche\u00adrung'],
		['information', 'infor\u00ad\n  mation'],
		['information', 'infor-\nmation'],
		['می‌خواهم', 'میخواهم'],
		['ZAZOLC', 'zażółć'],
		['tieng viet', 'Tiếng Việt'],
		['hà nội', 'Hà Nội'.normalize('NFD')],
		['ЇЖАК', 'їжак'],
		['שלום', 'שָׁלוֹם'],
		['학교', '학교'.normalize('NFD')],
		['ქართული', 'ᲥᲐᲠᲗᲣᲚᲘ'],
		['ştiinţă', 'știință'],
		['coeur', 'cœur'],
	])('%s finds %s', (question, text) => {
		expect(findsWord(question, text)).toBe(true);
	});

	it.each(["об'єкт", 'об’єкт', 'обʼєкт', 'обʻєкт'])(
		'of %s are cut at the apostrophe, whichever it is',
		(text) => {
			expect(termsOf(text)).toEqual(['об', 'єкт']);
		},
	);

	it('keep marks that make another word', () => {
		expect(shared('か', 'が')).toEqual([]);
		expect(shared('ハス', 'バス')).toEqual([]);
		expect(termsOf('कि')).not.toEqual(termsOf('की'));
		expect(termsOf('น้ำ')).not.toEqual(termsOf('นำ'));
		expect(termsOf('мой')).not.toEqual(termsOf('мои'));
	});

	it('are pairs of characters where a script has no spaces, and each character once', () => {
		expect(termsOf('大阪府 x 大')).toEqual(['大阪', '阪府', '大', '阪', '府', 'x']);
		expect(termsOf('データベース')).toEqual(expect.arrayContaining(['デー', 'ータ', 'ベー']));
		expect(shared('室', '会議室')).toEqual(['室']);
		expect(shared('책', '책을 읽다')).toEqual(['책']);
		expect(shared('น้ำ', 'ดื่มน้ำเย็น')).not.toEqual([]);
		expect(termsOf('第3章AI活用')).toEqual(expect.arrayContaining(['3', 'ai', '活用']));
	});

	it.each([
		['1500', ['1,500', '1.500', '1 500', "1'500", '1’500', '1\u00a0500', '1\u202f500']],
		['1234567', ['1,234,567', '1.234.567', '12,34,567']],
		['ab12345', ['AB-1234/5', 'ab1234/5', 'AB_1234-5', 'AB.1234.5']],
		['covid19', ['covid-19', 'COVID‑19', 'Covid19']],
		['email', ['e-mail', 'E-Mail', 'email']],
		['usa', ['U.S.A.', 'USA']],
		['io', ['I/O', 'io']],
		['att', ['AT&T', 'ATT']],
		['rd', ['R&D', 'the r&d department']],
		['c++', ['C++', 'in C++.', '(c++)', 'C++17']],
		['c#', ['C#', 'c#-code']],
		['20240501', ['2024-05-01']],
		['v123', ['v1.2.3']],
	])('have %s however it is typed', (term, texts) => {
		for (const text of texts) expect(termsOf(text)).toContain(term);
	});

	it.each([
		// Numbers in groups
		['DE89370400440532013000', 'DE89 3704 0044 0532 0130 00'],
		['DE89 3704 0044 0532 0130 00', 'IBAN: DE89370400440532013000, BIC'],
		['GB29NWBK60161331926819', 'GB29 NWBK 6016 1331 9268 19'],
		['FR1420041010050500013M02606', 'FR14 2004 1010 0505 0001 3M02 606'],
		['4111111111111111', '4111 1111 1111 1111'],
		['4111-1111-1111-1111', '4111 1111 1111 1111'],
		['0301234567', '030 1234567'],
		['030 1234567', '0301234567'],
		['+49 30 1234567', '030/1234567'],
		['+49301234567', '(030) 123 45 67'],
		['0049 30 1234567', '+49 (30) 1234567'],
		['(555) 123-4567', '555.123.4567'],
		['5551234567', '+1 (555) 123-4567'],
		['01 23 45 67 89', '0123456789'],
		['1,234.50', '1234,50'],
		// Dates
		['1.5.2024', '01.05.2024'],
		['2024-05-01', '1.5.2024'],
		['5/1/2024', '05/01/2024'],
		// Names, units, versions
		['nodejs', 'Node.js 22'],
		['Node.js', 'in NodeJS'],
		['asp.net', 'ASPNET'],
		['e-mail', 'email'],
		['wifi', 'Wi-Fi'],
		['x-ray', 'xray'],
		['500 kg', '500kg'],
		['500kg', '500 kg'],
		['128GB', '128 GB'],
		['v1.2.345', '1.2.345'],
		['GPT-4o', 'gpt4o'],
		// Codes with other dashes
		...[
			'AB‐1234',
			'AB‑1234',
			'AB–1234',
			'AB—1234',
			'AB−1234',
			'AB－1234',
			'AB﹣1234',
			'AB/1234',
			'AB 1234',
		].map((text) => ['ab-1234', text]),
		// Letters and digits of other widths and scripts
		['co2', 'CO₂ emissions'],
		['ＩＢＡＮ', 'iban'],
		['office', 'oﬃce'],
		['٢٠٢٤', '2024'],
		['2024', '۲۰۲۴ میلادی'],
		['コンピュータ', 'コンピューター'],
		// Words of one language as its people type them
		['ישראל', 'בישראל'],
		['המדינה', 'מדינה'],
		['השלום', 'שלום'],
		['ולמדינה', 'מדינה'],
		['کتاب ها', 'کتاب‌ها'],
		['نرم‌افزار', 'نرم افزار'],
		['نرم‌افزار', 'نرمافزار'],
		['ہندوستان', 'هندوستان'],
		['Галаган', 'Ґалаґан'],
		['Αθήνα', 'ΑΘΗΝΑ'],
		['Tiếng Việt', 'tieng viet'],
		['서울에서', '서울은'],
		// Simplified, traditional and Japanese characters
		['台灣', '台湾'],
		['臺灣', '台湾'],
		['圖書館', '图书馆'],
		['図書館', '圖書館'],
		['醫療保險', '医疗保险'],
		['发票', '發票'],
		['驛', '駅'],
		['渡邊', '渡辺'],
		// Cases, articles and plurals of Indic languages
		['ঢাকায়', 'ঢাকা'],
		['ঢাকা', 'ঢাকার'],
		['বইটি', 'বই'],
		['বই', 'বইগুলো'],
		['ছাত্রদের', 'ছাত্র'],
		['সরকারকে', 'সরকার'],
		['ভারতে', 'ভারতের'],
		['নদীতে', 'নদী'],
		['हिन्दी', 'हिंदी भाषा'],
		['मुंबई', 'मुम्बई'],
		['सम्बन्ध', 'संबंध'],
		['दिल्ली', 'दिल्लीमध्ये'],
		['சென்னையில்', 'சென்னை'],
		['కేరళలో', 'కేరళ'],
		// "In" and "to" in front, with an article or without one
		['بمدرسة', 'مدرسة'],
		['المدرسة', 'لمدرسة'],
		['البريطانية', 'بريطانيا'],
		// Digits and separators of other scripts
		['١٬٥٠٠', '1500'],
		['१,५००', '1500'],
		['１，５００円', '1500円'],
		// Short words and their forms
		['рубль', 'рубли'],
		['книга', 'книгах'],
		['testing', 'test'],
		['plan', 'planning'],
		['stopped', 'stop'],
		// A telephone number with a group of one digit
		['+33 1 23 45 67 89', '01 23 45 67 89'],
	])('of %s meet those of %s', (question, text) => {
		expect(meets(question, text)).toBe(true);
	});

	it.each([
		['DE89 3704 0044 0532 0130 00', 'DE12 5001 0517 0648 4898 90'],
		['4111 1111 1111 1111', '5500 0000 0000 0004'],
		['030 1234567', '089 7654321'],
		['+49 30 1234567', 'order 31234568'],
		['order 2345678', 'part 12345678'],
		['Node.js', 'Next.js'],
		['AB-1234', 'AB-1235'],
		['2024-05-01', '2023-11-28'],
		['C++', 'C#'],
		['圖書', '畫家'],
		['सम्बन्ध', 'सबूत'],
		['string', 'stress'],
		['closed', 'clock'],
		['+33 1 23 45 67 89', '01 23 45 67 98'],
	])('of %s do not meet those of %s', (question, text) => {
		expect(meets(question, text)).toBe(false);
	});

	it('have the parts of a code', () => {
		expect(termsOf('AB-1234/5')).toEqual(expect.arrayContaining(['ab', '1234', '5']));
		expect(findsAll('AB 1234', 'AB1234')).toBe(true);
		expect(findsAll('covid 19', 'covid-19')).toBe(true);
		expect(findsAll('500', '1,500')).toBe(true);
		expect(termsOf('C++ and c')).toEqual(['c', 'c++', 'and', 'c']);
	});

	it('do not put together what does not belong together', () => {
		expect(termsOf('in 2019 500 people')).not.toContain('2019500');
		expect(termsOf('3.14 and 3,14')).not.toContain('314');
		expect(termsOf('one, two')).toEqual(['one', 'two']);
		expect(termsOf('and/or')).toEqual(['and', 'or']);
		expect(termsOf('end.Next')).toEqual(['end', 'next']);
		expect(termsOf('1,500.50')).toEqual(['1500', '1', '500', '50']);
	});

	it('are cut where a "word" is longer than 64 characters', () => {
		expect(termsOf(`${'a'.repeat(100)} b`)).toEqual(['a'.repeat(64), 'aaaaa', 'b']);
		expect(termsOf(`${'é'.repeat(100)} b`)).toEqual(['e'.repeat(64), 'eeeee', 'b']);
	});

	it('of an ASCII text are the same whether or not other characters follow', () => {
		assert(
			property(string({ unit: 'binary-ascii', maxLength: 300 }), (text) => {
				expect([...termsOf(text), 'e']).toEqual(termsOf(`${text} — é`));
			}),
		);
	});

	it('have no white space and are no longer than 64 characters', () => {
		assert(
			property(string({ unit: 'binary', maxLength: 100 }), (text) => {
				for (const term of termsOf(text)) {
					expect(term).toMatch(/^\S{1,64}$/u);
					expect(term.isWellFormed()).toBe(true);
				}
			}),
		);
	});

	it('are the same in a line of bytes', () => {
		const words = [
			'covid-19',
			'C++',
			'1,500',
			'AB-1234/5',
			'plain',
			'words',
			'longer-\nword',
			'fees',
			'Gas',
			'x_y',
			'東京都',
			'ü',
		];
		const texts = oneof(
			string({ unit: 'binary-ascii', maxLength: 300 }),
			string({ unit: 'binary', maxLength: 100 }),
			array(constantFrom(...words)).map((some) => some.join(' ')),
		);
		assert(
			property(array(texts, { maxLength: 4 }), (values) => {
				const lines = new TermLines(0);
				let at = 0;
				for (const text of [...values, ...words, 'a'.repeat(100), '', '!']) {
					const end = lines.add(text);
					expect(lines.bytes.toString('utf8', at, end)).toBe(termsOf(text).join(' '));
					at = end;
				}
			}),
		);
	});
});

describe('terms of a question', () => {
	it('are distinct and bounded', () => {
		expect(queryTermsOf('to be or not to be').map(({ term }) => term)).toEqual(['to', 'be', 'or', 'not']);
		expect(queryTermsOf(Array.from({ length: 1000 }, (_, i) => `w${i}`).join(' '))).toHaveLength(256);
	});

	it('count less where they are function words, and still count', () => {
		const weights = new Map(
			queryTermsOf('What is the price für 会社').map(({ term, weight }) => [term, weight]),
		);
		for (const word of ['what', 'is', 'the', 'fur']) expect(weights.get(word)).toBe(0.2);
		for (const word of ['price', '会社']) expect(weights.get(word)).toBe(1);
	});

	it('count less where Japanese writes particles and endings, and in a sentence for single Chinese characters', () => {
		const weights = (question: string) =>
			Object.fromEntries(queryTermsOf(question).map(({ term, weight }) => [term, weight]));
		expect(weights('会社です')).toEqual({ 会社: 1, 社で: 0.5, です: 0.2 });
		expect(weights('会社の社でですので')).toMatchObject({ 会社: 1, 社の: 0.5, です: 0.2, 会: 0.5, 社: 0.5 });
	});

	it('hold a telephone number as what all ways to write it have in common', () => {
		for (const question of ['030 1234567', '+49 30 1234567', '+49301234567', '0301234567'])
			expect(codesOf(question)).toEqual([{ code: '~1234567', shape: '¤~9999999' }]);
		expect(codesOf('DE89 3704 0044 0532 0130 00')).toEqual([
			{ code: 'de89370400440532013000', shape: `¤aa${'9'.repeat(20)}` },
		]);
	});

	it('hold its codes and what they look like', () => {
		expect(codesOf('Price of AB-9999/9, 12345 and 1,500?')).toEqual([
			{ code: 'ab99999', shape: '¤aa99999' },
			{ code: '12345', shape: '¤99999' },
		]);
		expect(codesOf('in 2024, on 2024-05-01, A4 paper, 12,000 people')).toEqual([]);
	});
});
