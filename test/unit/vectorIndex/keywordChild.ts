// Writes rows into a new embedded index and ends at once: `keywordChild.ts <directory> <name> <rows>`; run by keyword.test.ts.
import { createIndex } from '../../../lib/vectorIndex';
import { rowsFrom } from './wordRows';

async function main(): Promise<void> {
	const [directory = '', name = '', rows = '0'] = process.argv.slice(2);
	const settings = { model: 'm', dimensions: 2, fingerprint: 'f' };
	const index = await createIndex({ backend: 'embedded', directory, name }, settings);
	console.log('writing');
	await index.upsert(rowsFrom(0, Number(rows)));
	process.exit(0);
}

void main();
