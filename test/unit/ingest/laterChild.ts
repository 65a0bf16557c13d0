// A process that stores before the vectors and goes on with them until it is killed: see laterVectors.test.ts.
import { setTimeout as sleep } from 'node:timers/promises';
import { BackgroundVectors, syncAll } from '../../../lib/ingest';
import { createIndex, type IndexAddress } from '../../../lib/vectorIndex';
import { WordEmbedder } from '../../support/wordEmbedder';

/** Takes its time for each text, and says that it takes far more. */
class SlowEmbedder extends WordEmbedder {
	estimateMs = (): number => 3_600_000;

	override async *embedDocuments(texts: AsyncIterable<string> | Iterable<string>) {
		for await (const embedded of super.embedDocuments(texts)) {
			await sleep(1);
			yield embedded;
		}
	}
}

async function main(directory: string, folder: string): Promise<void> {
	const embedder = new SlowEmbedder();
	const { model, dimensions, id } = await embedder.fingerprint();
	const address: IndexAddress = { backend: 'embedded', directory, name: 'handbook' };
	const index = await createIndex(address, { model, dimensions, fingerprint: id });
	const documents = Array.from({ length: 400 }, (_, i) => ({
		source: `manual-${i}.md`,
		text: `Valve ${i} opens at noon.\n\nPump ${i} is quiet at night. It hums on Sundays.`,
	}));
	const chunking = { method: 'recursive', size: 60 } as const;
	await syncAll(documents, { index, embedder, chunking, mode: 'add', waitForVectorsMs: 1 });
	let told = false;
	const onProgress = ({ done }: { done: number }): void => {
		// The first batch is written.
		if (done < 256 || told) return;
		told = true;
		process.stdout.write('begun\n');
	};
	const worker = new BackgroundVectors({
		folder,
		embedderOf: () => embedder,
		startJob: () => ({ onProgress, end: async () => undefined }),
	});
	await worker.add(address);
	await worker.idle();
}

main(process.argv[2] ?? '', process.argv[3] ?? '').catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
