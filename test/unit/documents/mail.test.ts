import { docxOf, p, zipOf } from './office';
import { read, readFixture, textOf } from './read';

jest.setTimeout(60_000);

const mail = (...lines: string[]): string => lines.join('\r\n');

/** A value of DER. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
	const content = Buffer.concat(parts);
	const length = Buffer.alloc(5, 0x84);
	length.writeUInt32BE(content.byteLength, 1);
	return Buffer.concat([Buffer.from([tag]), length, content]);
}

/** A CMS file of a type (02 signed, 03 encrypted) with this content; `parted`: of unknown length, its text in parts. */
function cms(type: string, content: Buffer | undefined, parted = false): Buffer {
	const oid = (last: string): Buffer => Buffer.from(`06092a864886f70d0107${last}`, 'hex');
	const octets = (text: Buffer): Buffer =>
		parted
			? Buffer.concat([
					Buffer.from('2480', 'hex'),
					...[der(4, text.subarray(0, 9)), der(4, text.subarray(9)), Buffer.alloc(2)],
				])
			: der(4, text);
	const capsule = der(0x30, oid('01'), ...(content ? [der(0xa0, octets(content))] : []));
	const signed = der(0x30, der(2, Buffer.from([1])), der(0x31), capsule, der(0x31));
	if (!parted) return der(0x30, oid(type), der(0xa0, signed));
	const open = (tag: string, ...parts: Buffer[]): Buffer =>
		Buffer.concat([Buffer.from(`${tag}80`, 'hex'), ...parts, Buffer.alloc(2)]);
	return open('30', oid(type), open('a0', signed));
}

describe('mail', () => {
	it('is read with its head and text, decoded', async () => {
		const { text, title, metadata, warnings } = await readFixture('eml.eml');
		expect(title).toBe('Rückgabe der Pumpe');
		expect(text).toContain(
			'Subject: Rückgabe der Pumpe\nFrom: Anna Example <anna@example.com>\nTo: support@example.com',
		);
		expect(text).toContain('die Pumpe läuft nicht. Bestellnummer 4711.');
		expect(text).not.toMatch(/=C3|JVBER/);
		// The PDF in it is cut off.
		expect(warnings).toEqual([expect.stringMatching(/^"rechnung\.pdf" was not read/)]);
		expect(metadata).toMatchObject({
			from: 'Anna Example <anna@example.com>',
			attachments: ['rechnung.pdf'],
		});
	});

	it('is read with files that are packed in it as before MIME', async () => {
		const packed = 'begin 644 price list.csv\r\n;4&%R=#M0<FEC90I!0BTQ.S$P"D%"+3([,C`*\r\n`\r\nend\r\n';
		const expected = '# Attachment: price list.csv\n\nPart: AB-1\nPrice: 10\n\nPart: AB-2\nPrice: 20';
		const head = 'Subject: Prices\r\nMessage-ID: <1@a.example>\r\nMIME-Version: 1.0\r\n';
		const inText = await textOf(`${head}\r\nbegin at the\r\nlist:\r\n${packed}Yours`, 'a.eml');
		expect(inText).toBe(
			`Subject: Prices\nAttachments: price list.csv\n\nbegin at the\nlist:\nYours\n\n${expected}`,
		);
		const attached = `${head}Content-Type: multipart/mixed; boundary=s\r\n\r\n--s\r\n\r\nSee the list.\r\n--s\r\nContent-Type: text/csv; name=a\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\n${packed}--s--\r\n`;
		expect(await textOf(attached, 'a.eml')).toBe(
			`Subject: Prices\nAttachments: price list.csv\n\nSee the list.\n\n${expected}`,
		);
	});

	it('is read with its attachments, each below its name, pictures of signatures left out', async () => {
		const word = docxOf(p('Twelve months of warranty.')).toString('base64');
		const text = mail(
			'From: =?iso-8859-1?Q?J=F6rg?= <j@example.com>',
			'MIME-Version: 1.0',
			'Date: Mon, 2 Mar 2026 10:00:00 +0100',
			'Content-Type: multipart/mixed; boundary=b',
			'',
			'--b',
			'Content-Type: text/html; charset=iso-8859-1',
			'Content-Transfer-Encoding: quoted-printable',
			'',
			'<p>Gr=FC=DFe, 10&nbsp;kg</p><img src=3D"cid:1">',
			'--b',
			'Content-Type: image/png; name=logo.png',
			'Content-ID: <1>',
			'Content-Transfer-Encoding: base64',
			'',
			'iVBORw0KGgo=',
			'--b',
			'Content-Type: application/octet-stream; name="=?utf-8?Q?Vertr=C3=A4ge.docx?="',
			'Content-Transfer-Encoding: base64',
			'',
			word,
			'--b--',
		);
		// Known as mail without its extension.
		const found = await read(text, 'a.txt');
		expect(found.text).toBe(
			'From: Jörg <j@example.com>\nDate: 2026-03-02T09:00:00.000Z\nAttachments: Verträge.docx\n\nGrüße, 10 kg\n\n# Attachment: Verträge.docx\n\nTwelve months of warranty.',
		);
		expect(found.warnings).toBeUndefined();
		expect(found.blocks.map(({ start, end }) => found.text.slice(start, end)).at(-1)).toBe(
			'Twelve months of warranty.',
		);
	});

	it('in a mailbox is a record each', async () => {
		const box = mail(
			'From a@b.c Mon Mar  2 10:00:00 2026',
			'Subject: One',
			'',
			'From the start.',
			'',
			'From a@b.c Mon Mar  2 11:00:00 2026',
			'Subject: Two',
			'',
			'Second.',
			'',
		);
		const { text, locations } = await read(box, 'a.mbox');
		expect(text).toBe('# One\n\nSubject: One\n\nFrom the start.\n\n# Two\n\nSubject: Two\n\nSecond.');
		expect(Array.from(locations?.[0]?.starts ?? [])).toEqual([0, text.indexOf('# Two')]);
		expect((await read(box, 'noname')).text).toContain('# Two');
	});
});

describe('mail that is not plain', () => {
	const head = 'Subject: Offer\r\nFrom: a@example.com\r\nMIME-Version: 1.0\r\n';

	it('is read when it was saved as UTF-16', async () => {
		const data = Buffer.from(`\ufeff${head}\r\nGrüße`, 'utf16le');
		expect((await read(data, 'a.eml')).text).toBe('Subject: Offer\nFrom: a@example.com\n\nGrüße');
	});

	it('is refused when it is encrypted', async () => {
		const pgp = `${head}Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n--b--\r\n`;
		await expect(read(pgp, 'a.eml')).rejects.toThrow('The mail is encrypted.');
		const smime = `${head}Content-Type: application/pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n${cms('03', Buffer.from('x')).toString('base64')}\r\n`;
		await expect(read(smime, 'a.eml')).rejects.toThrow('The file is encrypted.');
	});

	it('is read when it is signed, within the signature or beside it', async () => {
		const inner =
			'Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThe price is 10 EUR.\r\n--c\r\nContent-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\na;b\r\n1;2\r\n--c--\r\n';
		const opaque = `${head}Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n${cms('02', Buffer.from(inner)).toString('base64')}\r\n`;
		const text =
			'Subject: Offer\nFrom: a@example.com\nAttachments: a.csv\n\nThe price is 10 EUR.\n\n# Attachment: a.csv\n\na: 1\nb: 2';
		expect((await read(opaque, 'a.eml')).text).toBe(text);
		const clear = `${head}Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=s\r\n\r\n--s\r\n${inner}\r\n--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\nMIIB\r\n--s--\r\n`;
		expect((await read(clear, 'smime.p7s')).text).toBe(text);
	});
});

describe('signed files', () => {
	const invoice = '<?xml version="1.0"?><invoice><total>10.10</total></invoice>';

	it('are read as what was signed, in DER, BER, PEM and base64', async () => {
		const der = cms('02', Buffer.from(invoice));
		for (const data of [
			...[der, cms('02', Buffer.from(invoice), true)],
			`-----BEGIN PKCS7-----\n${der.toString('base64')}\n-----END PKCS7-----\n`,
			der.toString('base64'),
		]) {
			expect((await read(data, 'a.xml.p7m')).text).toBe('total: 10.10');
		}
	});

	it('are refused where they are encrypted, damaged, signed twice, or a signature alone', async () => {
		await expect(read(cms('03', Buffer.from('x')), 'a.p7m')).rejects.toThrow('encrypted');
		await expect(read(cms('02', undefined), 'a.p7s')).rejects.toThrow('holds only a signature');
		await expect(read(cms('02', Buffer.from(invoice)).subarray(0, 40), 'a.p7m')).rejects.toThrow('damaged');
		const twice = cms('02', cms('02', Buffer.from(invoice)));
		await expect(read(twice, 'a.xml.p7m')).rejects.toThrow('signed more than once');
		const nested = Buffer.concat([
			Buffer.from('3080', 'hex'),
			cms('02', undefined).subarray(4, 13),
			Buffer.alloc(100_000, Buffer.from('a080', 'hex')),
		]);
		await expect(read(nested, 'a.p7m')).rejects.toThrow(/damaged|no type/);
	});
});

describe('archives', () => {
	it('are read file by file, below their names; what cannot be read is named', async () => {
		const inner = zipOf({ 'deep.txt': 'In the inner archive.' });
		const data = zipOf({
			'notes/a.txt': 'Grüße',
			'notes/b.csv': 'a;b\n1;2\n',
			'inner.zip': inner,
			'photo.psd': '8BPS\0\x01',
			'__MACOSX/notes/._a.txt': 'x',
		});
		const { text, warnings, metadata } = await read(data, 'all.zip');
		expect(text).toBe(
			'# notes/a.txt\n\nGrüße\n\n# notes/b.csv\n\na: 1\nb: 2\n\n# inner.zip\n\n# deep.txt\n\nIn the inner archive.',
		);
		expect(warnings).toEqual([expect.stringMatching(/^"photo\.psd" was not read.*Photoshop/)]);
		expect(metadata).toEqual({ files: ['notes/a.txt', 'notes/b.csv', 'inner.zip', 'photo.psd'] });
	});

	it('that hold nothing that can be read are refused with the reason', async () => {
		await expect(read(zipOf({ 'photo.psd': '8BPS\0\x01' }), 'a.zip')).rejects.toThrow(
			'No file in the archive could be read. The file is a Photoshop picture.',
		);
		await expect(read(zipOf({ 'folder/': '', '.DS_Store': 'x' }), 'a.zip')).rejects.toThrow(
			'The archive holds no files.',
		);
		const keynote = zipOf({ 'Index/Document.iwa': 'x', 'preview.jpg': 'x' });
		await expect(read(keynote, 'a.key')).rejects.toThrow('Apple Pages, Numbers or Keynote');
		await expect(read(zipOf({ 'a.txt': 'x' }).subarray(0, 40), 'a.zip')).rejects.toThrow('end is missing');
	});

	it('have names in old encodings, and entries that are packed in other ways or more than allowed', async () => {
		const data = Buffer.from(zipOf({ 'AAAAAAAA.txt': 'あいう', 'b.txt': 'Second.' }));
		const name = Buffer.from('8368838c815b8367', 'hex'); // テスト in Shift-JIS begins like this
		for (let at = data.indexOf('AAAAAAAA'); at !== -1; at = data.indexOf('AAAAAAAA', at)) name.copy(data, at);
		const { text } = await read(data, 'a.zip');
		expect(text).toContain('あいう');
		expect(text).not.toContain('\ufffd');
		const odd = Buffer.from(data);
		// Method 6 (Imploded) of the second entry, in its directory.
		odd.writeUInt16LE(6, odd.lastIndexOf('PK\x01\x02', undefined, 'latin1') + 10);
		const found = await read(odd, 'a.zip');
		expect(found.text).toContain('あいう');
		expect(found.warnings).toEqual([expect.stringMatching(/^"b\.txt" was not read.*method 6/)]);
		// A directory that says more than 256 MB.
		const bomb = Buffer.from(data);
		bomb.writeUInt32LE(300_000_000, bomb.lastIndexOf('PK\x01\x02', undefined, 'latin1') + 24);
		await expect(read(bomb, 'a.zip')).rejects.toThrow('take more than 256 MB unpacked');
	});

	it('within archives are not followed for ever', async () => {
		let data = zipOf({ 'a.txt': 'deepest' });
		for (let at = 0; at < 6; at++) data = zipOf({ 'a.zip': data });
		await expect(read(data, 'a.zip')).rejects.toThrow(
			/^No file in the archive could be read. There are too many files within files/,
		);
	});
});
