import { quotableSentences } from '../../../lib/answering/quotable';
import { readSentences } from '../../../lib/answering/reading';

/** A model that counts what it has to read. */
function countingReader() {
	const read: string[] = [];
	return {
		read,
		model: 'multilingual-e5-small',
		async embedQuery(text: string) {
			read.push(text);
			return new Float32Array([1, 0]);
		},
		async *embedDocuments(texts: AsyncIterable<string> | Iterable<string>) {
			for await (const text of texts) {
				read.push(text);
				yield { vector: new Float32Array([1, text.length]), truncated: false, tokens: 1 };
			}
		},
	};
}

const passages = [{ text: 'The depot opens at nine. It closes at five.' }];
const ask = async (reader: ReturnType<typeof countingReader>, memoryScope?: string) =>
	await readSentences(reader, 'When does the depot open?', passages, quotableSentences(passages), {
		...(memoryScope !== undefined && { memoryScope }),
	});

describe('what the answerer has read', () => {
	it('is remembered in its scope, with the same outcome', async () => {
		const reader = countingReader();
		const first = await ask(reader, 'one');
		const times = reader.read.length;
		expect(times).toBe(3);
		expect(await ask(reader, 'one')).toEqual(first);
		expect(reader.read).toHaveLength(times);
	});

	it('is read again for another scope, and each time without one', async () => {
		const reader = countingReader();
		await ask(reader, 'two');
		await ask(reader, 'three');
		expect(reader.read).toHaveLength(6);
		await ask(reader);
		await ask(reader);
		expect(reader.read).toHaveLength(12);
	});
});
