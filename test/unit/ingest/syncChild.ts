// A process that syncs the corpus into a real index and can be killed: see faults.test.ts.
import { corpusOf, openTestIndex, syncOptions } from './corpus';
import { syncAll } from '../../../lib/ingest';

async function main(directory: string, version: string): Promise<void> {
	const index = await openTestIndex(directory);
	const options = await syncOptions(index);
	process.stdout.write('started\n');
	const report = await syncAll(corpusOf(Number(version)), options);
	process.stdout.write(`${JSON.stringify(report)}\n`);
}

main(process.argv[2] ?? '', process.argv[3] ?? '').catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
