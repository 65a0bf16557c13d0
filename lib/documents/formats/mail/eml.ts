import type { Address, Email } from 'postal-mime';
import { decodeHead } from '../../decode';
import { encodingOf } from '../../encoding';
import { loadHtmlReader } from '../html';
import type { Parse, ReadNested } from '../parse';
import { signedContent } from '../signed';
import { describeLetter, writeLetter, type Letter } from './letter';
import { collectLines } from './lines';
import { unpackFiles } from './uuencoded';

/** Parts within parts that a mail may have; the parts of a real one are some five levels deep. */
const MAX_NESTING = 50;

type ParseMail = (bytes: Uint8Array) => Promise<Letter>;

async function loadMailParser(): Promise<ParseMail> {
	const { default: PostalMime } = await import('postal-mime');
	collectLines(PostalMime);
	const parse = async (bytes: Uint8Array): Promise<Email> =>
		await PostalMime.parse(asBytesOfMail(bytes), {
			...{ attachmentEncoding: 'arraybuffer', maxNestingDepth: MAX_NESTING },
		});
	return async (bytes) => {
		const mail = await parse(bytes);
		const { attachments } = mail;
		const [only] = attachments;
		if (!only || attachments.length > 1 || !/^application\/(?:x-)?pkcs7-mime$/.test(only.mimeType))
			return letterOf(mail);
		// The whole mail is in what was signed.
		const inner = letterOf(await parse(signedContent(bytesOf(only.content))));
		const { text, html, attachments: within } = inner;
		return { ...letterOf({ ...mail, attachments: [] }), text, html, attachments: within };
	};
}

/** Mail is bytes; one that was saved as UTF-16 or UTF-32 is turned back. */
function asBytesOfMail(bytes: Uint8Array): Uint8Array {
	const encoding = encodingOf(bytes.subarray(0, 4096));
	return encoding?.startsWith('utf-') === true && encoding !== 'utf-8'
		? Buffer.from(decodeHead(bytes, encoding))
		: bytes;
}

const bytesOf = (content: Email['attachments'][number]['content']): Uint8Array =>
	typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content);

/** The parser of mails (EML). */
export async function loadMail(): Promise<Parse> {
	const [parse, readHtml] = await Promise.all([loadMailParser(), loadHtmlReader()]);
	return async ({ bytes, readNested }, writer) => {
		const letter = await parse(bytes);
		describeLetter(letter, writer);
		await writeLetter(letter, writer, { readHtml, readNested });
	};
}

/** The parser of mailboxes (MBOX): their mails one after the other. */
export async function loadMailbox(): Promise<Parse> {
	const [parse, readHtml] = await Promise.all([loadMailParser(), loadHtmlReader()]);
	return async ({ bytes, readNested }, writer) => {
		let count = 0;
		for (const mail of mailsOf(bytes)) {
			const letter = await parse(mail);
			writer.place('record', ++count);
			writer.heading(1, letter.subject?.trim() || `Mail ${count}`);
			// Attachments of the same name from two mails are kept apart.
			const readAttachment: ReadNested = (file, target) =>
				readNested({ ...file, name: `${letter.subject?.trim() || `Mail ${count}`}/${file.name}` }, target);
			await writeLetter(letter, writer, { readHtml, readNested: readAttachment });
		}
		writer.setFact('records', count);
	};
}

/** The mails of a mailbox: each begins with a line "From …" behind an empty line (RFC 4155). */
function* mailsOf(bytes: Uint8Array): Generator<Uint8Array> {
	const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let start = 0;
	while (start < data.byteLength) {
		let next = nextFrom(data, start + 5);
		if (next === -1) next = data.byteLength;
		const body = data.indexOf('\n', start) + 1;
		if (body > 0 && body < next)
			yield data.subarray(
				data.subarray(start, start + 5).toString('latin1') === 'From ' ? body : start,
				next,
			);
		start = next;
	}
}

/** Where the next mail begins: the line has a year in it, and a header behind it; other lines only begin with the word. */
function nextFrom(data: Buffer, from: number): number {
	for (
		let at = data.indexOf('\nFrom ', from, 'latin1');
		at !== -1;
		at = data.indexOf('\nFrom ', at + 1, 'latin1')
	) {
		const isApart = data[at - 1] === 0x0a || (data[at - 1] === 0x0d && data[at - 2] === 0x0a);
		const [line = '', next = ''] = data.toString('latin1', at + 1, at + 500).split(/\r?\n/, 2);
		if (isApart && /\b\d{4}\b/.test(line) && /^[\w-]{1,60}:/.test(next)) return at + 1;
	}
	return -1;
}

function letterOf({ subject, from, to, cc, date, text: whole, html, attachments }: Email): Letter {
	const { text, files } = unpackFiles(whole ?? '');
	return {
		...(subject === undefined ? {} : { subject }),
		from: from ? addressText(from) : '',
		to: (to ?? []).map(addressText).join(', '),
		cc: (cc ?? []).map(addressText).join(', '),
		...(date === undefined ? {} : { date }),
		...(whole === undefined ? {} : { text }),
		...(html === undefined ? {} : { html }),
		attachments: [
			...files,
			...attachments.flatMap(({ filename, mimeType, content, related, contentId }, at) => {
				const isPicture = mimeType.startsWith('image/');
				// Logos of signatures, and signatures of mail programs.
				if (isPicture && (related === true || contentId !== undefined)) return [];
				if (/pkcs7-signature|pgp-signature/.test(mimeType)) return [];
				const bytes = bytesOf(content);
				const [packed] = startsPacked(bytes) ? unpackFiles(Buffer.from(bytes).toString('latin1')).files : [];
				return [packed ?? { name: filename ?? `attachment ${at + 1}`, mimeType, bytes }];
			}),
		],
	};
}

/** MIME parsers leave an attachment of the encoding `x-uuencode` as it is. */
const startsPacked = (bytes: Uint8Array): boolean =>
	/^begin [0-7]{3,4} \S/.test(Buffer.from(bytes.subarray(0, 20)).toString('latin1'));

function addressText(address: Address): string {
	if (address.group) return `${address.name}: ${address.group.map(addressText).join(', ')}`;
	const { name, address: mail } = address as { readonly name: string; readonly address: string };
	return name === '' || name === mail ? mail : `${name} <${mail}>`;
}
