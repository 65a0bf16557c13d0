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
		['PK\x03\x04\x14\0', 'a.zip', 'end is missing'],
		['ID3\x03\0\0', 'a.mp3', 'transcript'],
		['MZ\x90\0\x03\0', 'a.exe', 'program'],
		['%!PS-Adobe-3.0\n', 'a.ps', 'PostScript'],
		['\0\0\0\x18ftypheic\0\0', 'IMG_1.heic', 'HEIC'],
	])('%j is refused with a way out', async (data, name, reason) => {
		await expect(read(Buffer.from(data, 'latin1'), name)).rejects.toThrow(reason);
	});
});
