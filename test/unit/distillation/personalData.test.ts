import {
	personalDataFinder,
	PERSONAL_DATA,
	curate,
	toRecord,
	type PersonalDataKind,
} from '../../../lib/distillation';

/**
 * Texts with personal data, written for this test: kinds as people write them, numbers with right check digits that
 * belong to nobody (test ranges of card issuers, example accounts of the IBAN register, 555 and fictional numbers).
 */
const PERSONAL: ReadonlyArray<readonly [PersonalDataKind, string, string]> = [
	['email', 'Please write to maria.schmidt@firma.de about it.', 'maria.schmidt@firma.de'],
	['email', 'mail: J.O.Brien+orders@mail.co.uk', 'Brien+orders@mail.co.uk'],
	['email', 'contact <anna_k@uni-wien.ac.at>, thanks', 'anna_k@uni-wien.ac.at'],
	['email', 'USER99@EXAMPLE.COM is my login', 'USER99@EXAMPLE.COM'],
	['phone', 'call me at (415) 555-2671 after five', '555-2671'],
	['phone', 'Tel. +49 151 23456789', '23456789'],
	['phone', 'my number is +44 20 7946 0958.', '7946 0958'],
	['phone', 'ring +33 1 42 68 53 00 today', '42 68 53'],
	['phone', '212-555-0187 is the office', '555-0187'],
	['creditCard', 'card 4111 1111 1111 1111 exp 12/27', '4111 1111'],
	['creditCard', 'Amex 3782-822463-10005', '822463'],
	['creditCard', '5555555555554444', '5555555555554444'],
	['iban', 'IBAN DE89 3704 0044 0532 0130 00 please', '0532'],
	['iban', 'to GB29NWBK60161331926819', 'NWBK'],
	['iban', 'FR14 2004 1010 0505 0001 3M02 606', '3M02'],
	['ssn', 'SSN 123-45-6789', '123-45-6789'],
	['ssn', 'my social is 219 09 9999', '219 09 9999'],
	['ipAddress', 'from 203.0.113.42 at noon', '203.0.113.42'],
	['ipAddress', 'host 2001:0db8:85a3:0000:0000:8a2e:0370:7334', '8a2e:0370'],
	['ipAddress', 'ping fe80::1ff:fe23:4567:890a', 'fe23'],
	['name', 'Dear Maria Schmidt, thank you for your letter.', 'Schmidt'],
	['name', 'Hi John Miller, your order is on its way.', 'Miller'],
	// Names in running text: rules do not find them, and the measured recall has to show it.
	['name', 'Yesterday Peter Novak from accounting called.', 'Novak'],
	['name', 'The contract was signed by Aiko Tanaka.', 'Tanaka'],
	['name', 'I am Lucia Fernández and I need help.', 'Fernández'],
];

const HARMLESS = [
	'Order number 12345678 was shipped on 2024-01-05.',
	'Version 2.3.1 replaced 2.3.0.4 in build 20240105.',
	'The invoice total is 1,234,567.89 euros.',
	'Use 1234567890123456 as the tracking id.',
	'ISBN 978-3-16-148410-0 is the book.',
	'const a = b ?? c; // 10:30:45 started',
	'The ratio is 3:2::6:4 in the old notation.',
	'Section 4.1.2.3 of the handbook, pages 100-200.',
	'E-mail is older than the web. @home and user@ are no addresses.',
	'The constant is 3.14159265358979.',
	'Hello world, hi there, dear reader.',
	'DE12 is the name of a road and AB12 3456 a part number.',
];

test('recall per kind on the fixture is what the documentation says', async () => {
	const find = await personalDataFinder();
	const recall: { [kind: string]: string } = {};
	for (const kind of PERSONAL_DATA) {
		const cases = PERSONAL.filter(([expected]) => expected === kind);
		const hits = cases.filter(([, text, secret]) => !find(text).text.includes(secret));
		recall[kind] = `${hits.length}/${cases.length}`;
	}
	expect(recall).toEqual({
		email: '4/4',
		phone: '5/5',
		creditCard: '3/3',
		iban: '3/3',
		ssn: '2/2',
		ipAddress: '3/3',
		name: '2/5',
	});
});

test('ordinary numbers and texts stay as they are', async () => {
	const find = await personalDataFinder();
	expect(HARMLESS.filter((text) => find(text).text !== text)).toEqual([]);
});

test('kinds and the country of short numbers can be chosen', async () => {
	const german = await personalDataFinder({ country: 'DE', kinds: ['phone'] });
	expect(german('Ruf 030 901820 an oder schreib an a@b.de')).toEqual({
		text: 'Ruf [phone] an oder schreib an a@b.de',
		found: ['phone'],
	});
	await expect(personalDataFinder({ country: 'Germany' })).rejects.toMatchObject({ kind: 'invalidOptions' });
});

test('the gate redacts prompt, answers and tool calls, and log probabilities go with the text', async () => {
	const record = toRecord({
		id: 'r',
		prompt: 'I am at anna@firma.de',
		answer: {
			content: 'Noted anna@firma.de',
			logprobs: [{ token: 'Noted', logprob: -1 }],
			toolCalls: [{ id: '1', name: 'f', arguments: '{"to":"anna@firma.de"}' }],
		},
	});
	const set = await curate([record]);
	for await (const { record: clean } of set.records()) {
		expect(JSON.stringify(clean)).not.toContain('anna@');
		expect(clean.messages[0]?.content).toBe('I am at [email]');
		expect(clean.answers[0]?.logprobs).toBeUndefined();
	}
	expect(set.funnel.gates.at(-1)).toMatchObject({ gate: 'personalData', kept: 1, changed: 1 });
	await set.close();
	const dropped = await curate([record], { personalData: { action: 'drop' } });
	expect(dropped.funnel.gates.at(-1)).toMatchObject({ rejected: 1, reasons: { email: 1 } });
	await dropped.close();
});

const CARD = '4111 1111 1111 1111';

test('JSON stays JSON: values are replaced one by one, and what is not personal stays as it is written', async () => {
	const written =
		'{\n  "card": 4111111111111111,\n  "mail": "anna@firma.de, \\"Anna\\"",\n  "id": 12345678901234567890, "list": ["4111 1111 1111 1111", 1.50]\n}';
	const record = toRecord({
		id: 'r',
		prompt: 'Pay',
		answer: { content: written, toolCalls: [{ id: '1', name: 'pay', arguments: written }] },
	});
	const set = await curate([record]);
	const texts: string[] = [];
	for await (const { record: clean } of set.records())
		for (const answer of clean.answers) texts.push(answer.content, answer.toolCalls?.[0]?.arguments ?? '');
	await set.close();
	const expected =
		'{\n  "card": "[creditCard]",\n  "mail": "[email], \\"Anna\\"",\n  "id": 12345678901234567890, "list": ["[creditCard]", 1.50]\n}';
	expect(texts).toEqual([expected, expected]);
});

test('personal data is replaced in every field of a record', async () => {
	const mail = 'anna@firma.de';
	const record = toRecord({
		id: 'r',
		messages: [
			{ role: 'system', content: `Serve ${mail}` },
			{ role: 'user', content: `I am ${mail}`, name: mail },
		],
		tools: [
			{
				name: 'f',
				description: `Writes to ${mail}`,
				parameters: { type: 'object', properties: { to: { type: 'string', default: mail, enum: [mail] } } },
			},
		],
		answers: [{ content: 'Done', reasoning: `It is ${mail}` }],
		steps: [{ text: `Look up ${mail}`, correct: true }],
		schema: { type: 'object', description: `For ${mail}` },
		labels: { customer: mail },
		conversation: mail,
		source: `${mail}.eml`,
		lineage: { file: `${mail}.jsonl`, seed: mail },
	});
	const set = await curate([record], { schema: false, toolCalls: false });
	let kept = 0;
	for await (const { record: clean } of set.records()) {
		kept++;
		expect(JSON.stringify(clean)).not.toContain('anna');
		expect(clean).toMatchObject({ labels: { customer: '[email]' }, steps: [{ text: 'Look up [email]' }] });
	}
	expect(kept).toBe(1);
	await set.close();
});

test('records of different people stay in different groups', async () => {
	const of = (mail: string) =>
		toRecord({
			id: mail,
			prompt: `Question of ${mail} about leave`,
			answer: `Answer ${CARD}`,
			conversation: mail,
		});
	const set = await curate([of('anna@firma.de'), of('bert@firma.de')], { duplicates: false });
	const conversations: Array<string | undefined> = [];
	for await (const { record } of set.records()) conversations.push(record.conversation);
	await set.close();
	expect(new Set(conversations).size).toBe(2);
	expect(conversations.join()).not.toMatch(/anna|bert/);
});
