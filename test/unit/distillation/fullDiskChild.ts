// Writes records or a data set, onto a disk that may be full: see fullDisk.test.ts.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { exportDataSet, recordStore, toRecord, type CuratedRecord } from '../../../lib/distillation';

const records = Array.from({ length: 1_000 }, (_, at) =>
	toRecord({ id: `r${at}`, prompt: `Question ${at}?`, answer: randomBytes(1_500).toString('base64') }),
);

async function write(kind: string, folder: string): Promise<void> {
	if (kind === 'sqlite') {
		const store = await recordStore({ backend: 'sqlite', file: join(folder, 'records.sqlite') });
		try {
			for (const record of records) await store.append([record]);
		} finally {
			await store.close();
		}
		return;
	}
	const curated = records.map((record): CuratedRecord => ({ record, split: 'train', group: 'g' }));
	await exportDataSet(curated, {
		...{ format: 'trl-messages', name: 'set', folder: join(folder, 'set'), allowedFolders: [folder] },
		...(kind === 'parquet' ? { container: kind } : { compression: kind as 'none' | 'gzip' | 'zstd' }),
	});
}

write(process.argv[2] ?? '', process.argv[3] ?? '').catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
