import { isUtf8 } from 'node:buffer';
import { formatCount, formatMegabytes } from '../../support';
import { DocumentError } from '../errors';
import { guessEncoding } from '../guessEncoding';
import type { ZipEntry } from '../zip';
import type { Parse } from './parse';
import { openZip, unpackPart } from './zipParts';

/** Files of one archive, and their bytes unpacked as its directory says. */
const MAX_FILES = 10_000;
const MAX_BYTES = 256 * 1024 * 1024;

const NONE = 'No file in the archive could be read.';

/** Files that programs and systems put beside those that people mean. */
const UNMEANT = /(?:^|\/)(?:__MACOSX\/|Thumbs\.db$|desktop\.ini$|\.[^./])/i;

/** The parser of ZIP archives: the files in them one after the other. */
export function loadArchive(): Parse {
	return async ({ bytes, readNested }, writer) => {
		const { entries } = openZip(bytes);
		const nameOf = await namesIn(entries);
		const files = entries.filter((entry) => {
			const name = nameOf(entry);
			return !name.endsWith('/') && !UNMEANT.test(name);
		});
		if (files.length === 0) throw new DocumentError('unreadable', 'The archive holds no files.');
		const size = files.reduce((sum, file) => sum + file.size, 0);
		if (files.length > MAX_FILES || size > MAX_BYTES) {
			throw new DocumentError(
				'tooLarge',
				`The archive holds more than ${formatCount(MAX_FILES)} files, or they take more than ${formatMegabytes(MAX_BYTES)} unpacked. Unpack it and send the files.`,
			);
		}
		const problems: string[] = [];
		for (const file of files) {
			const name = nameOf(file);
			const problem = await readNested({ name, bytes: () => unpackPart(bytes, file), title: name }, writer);
			if (problem !== undefined) problems.push(problem);
		}
		if (problems.length === files.length) {
			const [first = ''] = problems;
			throw new DocumentError('unreadable', first.startsWith(NONE) ? first : `${NONE} ${first}`);
		}
		writer.setFact('files', files.slice(0, 200).map(nameOf));
	};
}

/** Reads names: UTF-8, or what those that are not look like together. */
async function namesIn(entries: readonly ZipEntry[]): Promise<(entry: ZipEntry) => string> {
	const foreign = entries.filter(({ nameBytes }) => !isUtf8(nameBytes)).map(({ nameBytes }) => nameBytes);
	if (foreign.length === 0) return ({ name }) => plain(name);
	const { encoding } = await guessEncoding(
		Buffer.concat(foreign.flatMap((name) => [name, Buffer.from('\n')])),
	);
	const decoder = new TextDecoder(encoding);
	return ({ name, nameBytes }) =>
		plain(isUtf8(nameBytes) ? name : decoder.decode(nameBytes).replaceAll('\\', '/'));
}

const plain = (name: string): string => name.replace(/\p{Cc}/gu, '');
