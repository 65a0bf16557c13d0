// Writes rows into an embedded index: `writeChild.ts <directory> <name> <rows> <label>`; run by processes.test.ts.
import { createIndex, type Point } from '../../../lib/vectorIndex';

async function main(): Promise<void> {
	const [directory = '', name = '', rows = '0'] = process.argv.slice(2);
	const settings = { model: 'm', dimensions: 8, fingerprint: 'f' };
	const index = await createIndex({ backend: 'embedded', directory, name }, settings, { ifExists: 'open' });
	console.log('writing');
	const points = function* (): Generator<Point> {
		for (let i = 0; i < Number(rows); i++) {
			yield {
				source: `source ${i % 20}`,
				start: i,
				text: `row number ${i}`,
				vector: new Float32Array(8).fill(i + 1),
			};
		}
	};
	// Small calls, as many flows at once would make them.
	const all = [...points()];
	for (let i = 0; i < all.length; i += 100) {
		await index.upsert(all.slice(i, i + 100));
		await index.manifest.put(new Map([[`call ${i}`, i]]));
	}
}

void main();
