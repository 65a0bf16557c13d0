import type { Parse } from './parse';
import { loadZip } from './zipParts';

/** Files that programs and systems put beside those that people mean. */
const UNMEANT = /(?:^|\/)(?:__MACOSX\/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\.)/i;

/** The parser of ZIP archives: the files in them one after the other. */
export async function loadArchive(): Promise<Parse> {
	const openZip = await loadZip();
	return async ({ bytes, readNested }, writer) => {
		const zip = openZip(bytes);
		const names = zip.names.filter((name) => !name.endsWith('/') && !UNMEANT.test(name));
		for (const name of names) {
			const part = zip.bytes(name);
			if (part) await readNested({ name, bytes: part, title: name }, writer);
		}
		writer.setFact('files', names.slice(0, 200));
	};
}
