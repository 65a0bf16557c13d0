// A process that migrates the corpus and can be killed: see migrate.test.ts.
import { builtinEmbedder } from '../../../lib/embedding';
import { migrate } from '../../../lib/ingest';

async function main(directory: string): Promise<void> {
	process.stdout.write('started\n');
	const address = { backend: 'embedded', directory, name: 'corpus' } as const;
	await migrate(address, { embedder: builtinEmbedder(), chunking: { method: 'recursive', size: 400 } });
}

main(process.argv[2] ?? '').catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
