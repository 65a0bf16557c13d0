import { codePageOfLanguage } from '../../../lib/documents/formats/rtf/charsets';
import { read, readFixture } from './read';

jest.setTimeout(60_000);

/** Text in an encoding of single bytes, by its letters from 0x80 on. */
const cyrillic = (text: string): Buffer =>
	Buffer.from(
		[...text].map((letter) => {
			const code = letter.codePointAt(0) ?? 0;
			return code >= 0x410 && code <= 0x44f ? code - 0x410 + 0xc0 : code;
		}),
	);

describe('encodings', () => {
	it('one stray byte changes nothing else', async () => {
		const { text, warnings } = await readFixture('one-bad-byte.txt');
		expect(text).toContain('Kündigungsfrist für Müller: drei Monate.');
		expect(text).toContain('Größe');
		expect(text.match(/\ufffd/g)).toHaveLength(1);
		expect(warnings).toEqual([expect.stringContaining('not UTF-8')]);
	});

	it('of East Asia are recognised', async () => {
		const csv = await readFixture('sjis.csv');
		expect(csv.text).toContain('名前: 佐藤太郎');
		expect(csv.warnings?.[0]).toContain('Shift-JIS');
		expect((await readFixture('gbk.txt')).text).toContain('产品保修期为两年');
		const korean = Buffer.from(
			'bab8c1f520b1e2b0a3c0ba2032b3e2c0d4b4cfb4d92e20c1d6b9ae20b9f8c8a32034373131',
			'hex',
		);
		expect((await read(korean, 'a.txt')).text).toBe('보증 기간은 2년입니다. 주문 번호 4711');
	});

	it('of Cyrillic are recognised', async () => {
		const text =
			'Гарантия на насос действует два года со дня поставки. Возврат возможен в течение тридцати дней.';
		expect((await read(cyrillic(text), 'a.txt')).text).toBe(text);
	});

	it('of a page are told by its words, whatever the marks around them, and by what it says behind long scripts', async () => {
		const words = 'Аренда квартир и офисов в городе. Гарантия на насос действует два года.';
		const marks = '<div class="menu"><a href="/index.html" title="Home">Home</a></div>'.repeat(60);
		const page = (head: string): Buffer =>
			cyrillic(`<html><head>${head}</head><body>${marks}<p>${words}</p></body></html>`);
		expect((await read(page(''), 'a.html')).text).toContain(words);
		const late = `<script>${'var a = 1;\n'.repeat(500)}</script><meta charset="windows-1251">`;
		const { text, warnings } = await read(page(late), 'a.html');
		expect(text).toContain(words);
		expect(warnings ?? []).toEqual([]);
	});

	it('of a mail that names none are those of the language of its Outlook', () => {
		expect([1049, 1031, 1028, 2052, 1041, 1029, 0].map(codePageOfLanguage)).toEqual([
			1251, 1252, 950, 936, 932, 1250, 1252,
		]);
	});

	it('of Western Europe stay what they were', async () => {
		for (const text of [
			'Grüße',
			'Müller, Straße 5, Überlingen, süß',
			'Crème brûlée à la façon de Nîmes: déjà vu',
			'señor mañana ¿cuándo?',
		])
			expect((await read(Buffer.from(text, 'latin1'), 'a.txt')).text).toBe(text);
		expect((await read(Buffer.from('price \x80 5 \x96 \x93quoted\x94', 'latin1'), 'a.txt')).text).toBe(
			'price € 5 – “quoted”',
		);
	});

	it('UTF-16 needs no mark', async () => {
		const text = 'Kündigungsfrist: 3 Monate\nPreis: 10 €';
		expect((await read(Buffer.from(text, 'utf16le'), 'a.txt')).text).toBe(text);
		expect((await read(Buffer.from(text, 'utf16le').swap16(), 'a.csv')).text).toContain('Kündigungsfrist');
	});
});

describe('files that are no text', () => {
	it.each([['locked-docx.docx', 'password']])('%s is refused with the true reason', async (name, reason) => {
		await expect(readFixture(name)).rejects.toThrow(reason);
	});

	it.each([
		['8BPS\0\x01aaaaaaaa', 'a.psd', 'Photoshop'],
		['-----BEGIN PKCS7-----\nabc', 'smime.p7m', 'signature cannot be read'],
		['-----BEGIN PGP MESSAGE-----\nabc', 'a.txt', 'encrypted'],
		['-----BEGIN RSA PRIVATE KEY-----\nabc', 'id.txt', 'private key'],
		['\xffWPC\x10\0', 'a.doc', 'WordPerfect'],
		['\xdb\xa5-\0\x78\x40\x09\x08', 'a.doc', 'Word 1 or 2'],
		['PK\x03\x04\x14\0', 'a.zip', 'end is missing'],
		['ID3\x03\0\0', 'a.mp3', 'transcript'],
		['MZ\x90\0\x03\0', 'a.exe', 'program'],
		['%!PS-Adobe-3.0\n', 'a.ps', 'PostScript'],
		['\0\0\0\x18ftypheic\0\0', 'IMG_1.heic', 'HEIC'],
	])('%j is refused with a way out', async (data, name, reason) => {
		await expect(read(Buffer.from(data, 'latin1'), name)).rejects.toThrow(reason);
	});

	it('UTF-32 is read with and without its mark', async () => {
		const text = 'Kündigungsfrist: 3 Monate, Preis: 10 €, 😀';
		const little = Buffer.alloc([...text].length * 4);
		[...text].forEach((letter, at) => little.writeUInt32LE(letter.codePointAt(0) ?? 0, at * 4));
		const big = Buffer.from(little).swap32();
		for (const bytes of [little, Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0]), little])])
			expect((await read(bytes, 'a.txt')).text).toBe(text);
		for (const bytes of [big, Buffer.concat([Buffer.from([0, 0, 0xfe, 0xff]), big])])
			expect((await read(bytes, 'a.txt')).text).toBe(text);
	});

	it('EBCDIC is refused by its name', async () => {
		// "THE PUMP IS WARRANTED FOR 24 MONTHS." of code page 037, twice.
		const line = 'e3c8c540d7e4d4d740c9e240e6c1d9d9c1d5e3c5c440c6d6d940f2f440d4d6d5e3c8e24b';
		const text = Buffer.from(`${line}25${line}25`.replaceAll('25', '15'), 'hex');
		await expect(read(text, 'a.txt')).rejects.toThrow('is text in EBCDIC, the encoding of mainframes.');
	});

	it('that an HTML page names wrongly are recognised', async () => {
		const text =
			'Гарантия на насос действует два года со дня поставки. Возврат возможен в течение тридцати дней.';
		const page = Buffer.concat([Buffer.from('<html><meta charset="utf-8"><p>'), cyrillic(text)]);
		const found = await read(page, 'a.html');
		expect(found.text).toBe(text);
		expect(found.warnings?.[0]).toContain('Windows-1251');
	});
});
