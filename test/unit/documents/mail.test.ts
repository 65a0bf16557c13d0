import { docxOf, p, zipOf } from './office';
import { read, readFixture } from './read';

jest.setTimeout(60_000);

const mail = (...lines: string[]): string => lines.join('\r\n');

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
			'From: Jörg <j@example.com>\nDate: 2026-03-02T09:00:00.000Z\n\nGrüße, 10 kg\n\n# Attachment: Verträge.docx\n\nTwelve months of warranty.',
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
			'# notes/a.txt\n\nGrüße\n\n# notes/b.csv\n\na: 1\nb: 2\n\n# inner.zip\n\n# deep.txt\n\nIn the inner archive.\n\n# photo.psd',
		);
		expect(warnings).toEqual([expect.stringMatching(/^"photo\.psd" was not read.*Photoshop/)]);
		expect(metadata).toEqual({ files: ['notes/a.txt', 'notes/b.csv', 'inner.zip', 'photo.psd'] });
	});

	it('within archives are not followed for ever', async () => {
		let data = zipOf({ 'a.txt': 'deepest' });
		for (let at = 0; at < 6; at++) data = zipOf({ 'a.zip': data });
		const { text, warnings } = await read(data, 'a.zip');
		expect(text).not.toContain('deepest');
		expect(warnings?.join(' ')).toContain('too many files within files');
	});
});
