import { firstEntries, holdsStream, isApple } from './containers';
import { isEbcdic } from './encoding';
import { extensionOf } from './extensions';
import type { FileContent } from './types';

/** What can be read, for the end of a sentence. */
const READABLE =
	'Text, Markdown, HTML, PDF, Word, Excel, PowerPoint (.pptx), OpenDocument, RTF, EPUB, mail, CSV, JSON, XML and pictures (PNG, JPEG, WebP, TIFF) can.';

/** Why a file of the kind `binary` cannot be read, and what to do. */
export function refusalOf({ bytes, name }: Pick<FileContent, 'bytes' | 'name'>): string {
	const file = name === undefined ? 'The file' : `The file "${name.slice(0, 200)}"`;
	if (bytes.byteLength === 0) return `${file} is empty.`;
	const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
	if (start.startsWith('\xd0\xcf\x11\xe0')) return `${file} ${compoundRefusal(bytes)}`;
	const entries = start.startsWith('PK\x03\x04') ? firstEntries(bytes) : undefined;
	if (entries?.some(({ isEncrypted }) => isEncrypted) === true) {
		return `${file} is protected by a password. Save it without one and send it again.`;
	}
	if (entries && isApple(entries.map((entry) => entry.name))) {
		return `${file} is of Apple Pages, Numbers or Keynote. Open it there and export it as Word, Excel, PowerPoint or PDF.`;
	}
	if (start.startsWith('PK')) return `${file} ${archiveRefusal(start)}`;
	if (Buffer.from(bytes.subarray(257, 262)).toString('latin1') === 'ustar')
		return `${file} is a packed archive. ${UNPACK}`;
	if (isEbcdic(bytes.subarray(0, 4096)))
		return `${file} is text in EBCDIC, the encoding of mainframes. Have it transferred as text, or save it as UTF-8.`;
	const known = KNOWN.find(({ marks, extensions }) =>
		marks.length > 0
			? marks.some((mark) => (mark instanceof RegExp ? mark.test(start) : start.startsWith(mark)))
			: extensions?.includes(extensionOf(name)),
	);
	return known
		? `${file} ${known.is} ${known.wayOut}`
		: `${file} is of no type that can be read. ${READABLE}`;
}

function archiveRefusal(start: string): string {
	return start.startsWith('PK\x07\x08') || start.startsWith('PK00')
		? 'is a part of an archive that was split. Put the parts together, unpack them and send the files.'
		: 'is a ZIP file whose end is missing. Was it copied or downloaded completely? Send it again, or unpack it and send the files.';
}

function compoundRefusal(bytes: Uint8Array): string {
	if (holdsStream(bytes, 'EncryptedPackage')) {
		return 'is protected by a password. Open it in Office, remove the password (File, Info, Protect Document) and save it again.';
	}
	if (holdsStream(bytes, 'PowerPoint Document')) {
		return 'is a presentation of PowerPoint 97–2003 (.ppt). Open it and save it as .pptx or PDF.';
	}
	return 'is in a format of an older program. Open it in the program it comes from and save it as .docx, .xlsx, .pptx or PDF.';
}

interface Known {
	/** How such a file begins, in Latin-1. */
	readonly marks: ReadonlyArray<string | RegExp>;
	readonly extensions?: readonly string[];
	readonly is: string;
	readonly wayOut: string;
}

const TO_PICTURE = 'Save it as PDF, PNG or JPEG.';
const UNPACK = 'Unpack it and send the files in it.';

/** Types that are known and not read. */
const KNOWN: readonly Known[] = [
	{ marks: ['\xffWPC'], is: 'is a WordPerfect file.', wayOut: 'Open it and save it as .docx or PDF.' },
	{
		marks: ['\xdb\xa5', '\x9b\xa5'],
		is: 'is a document of Word 1 or 2 for Windows.',
		wayOut: 'Open it in Word or LibreOffice and save it as .docx.',
	},
	{
		marks: [/^.{4}ftyp(?:heic|heix|hevc|mif1|msf1|avif)/s],
		is: 'is a HEIC or AVIF picture.',
		wayOut: TO_PICTURE,
	},
	{
		marks: ['GIF8', 'BM'],
		is: 'is a picture in a format whose text is not recognised.',
		wayOut: 'Save it as PNG, JPEG, TIFF or PDF.',
	},
	{ marks: ['8BPS'], is: 'is a Photoshop picture.', wayOut: TO_PICTURE },
	{
		marks: ['\x1aE\xdf\xa3', /^(?:ID3|OggS|fLaC|RIFF.{4}(?:WAVE|AVI )|.{4}ftyp|\xff[\xe0-\xff])/s],
		is: 'is a recording (audio or video).',
		wayOut: 'Send a transcript of it.',
	},
	{
		marks: ['\x1f\x8b', 'BZh', '\xfd7zXZ', '7z\xbc\xaf', 'Rar!'],
		is: 'is a packed archive.',
		wayOut: UNPACK,
	},
	{
		marks: ['-----BEGIN PGP MESSAGE'],
		is: 'is encrypted.',
		wayOut: 'Open it in your mail program, which has the key, and save the mail itself.',
	},
	{
		marks: [/^-----BEGIN [A-Z ]{0,20}PRIVATE KEY/],
		is: 'is a private key.',
		wayOut: 'Keep it out of an index.',
	},
	{
		marks: ['\x30\x82', '\x30\x80'],
		is: 'is a certificate, a key, or damaged.',
		wayOut: 'Send documents only.',
	},
	{ marks: [], extensions: ['tar'], is: 'is a packed archive.', wayOut: UNPACK },
	{ marks: ['%!PS'], is: 'is a PostScript file.', wayOut: 'Convert it to PDF.' },
	{ marks: ['\x7fELF', 'MZ'], is: 'is a program.', wayOut: 'Send documents only.' },
	{ marks: ['SQLite format 3'], is: 'is a database.', wayOut: 'Export its tables as CSV.' },
];
