/**
 * The program of the process that tidies one large table and ends. A process, because merging the files of a table takes
 * hundreds of megabytes, which a process gives back, and because it can be told to leave the processor to others. It
 * imports no file of ours, so that Node can run it from the source tree too, its types stripped.
 */
import { connect, Session } from '@lancedb/lancedb';
import { setPriority } from 'node:os';

export interface TidyTask {
	readonly directory: string;
	readonly table: string;
	/** Versions from before this time (milliseconds since 1970) are removed. */
	readonly cleanupOlderThan: number;
	/** Bytes of LanceDB's caches. */
	readonly caches: { readonly index: number; readonly metadata: number };
}

export type TidyAnswer = { readonly ok: true } | { readonly ok: false; readonly message: string };

/** Of 20, the highest: everything else on the machine goes first. */
const NICE = 10;

async function tidy({ directory, table, cleanupOlderThan, caches }: TidyTask): Promise<void> {
	const session = new Session(BigInt(caches.index), BigInt(caches.metadata));
	const connection = await connect(directory, { session });
	const opened = await connection.openTable(table);
	await opened.optimize({ cleanupOlderThan: new Date(cleanupOlderThan) });
}

function finish(answer: TidyAnswer): void {
	process.send?.(answer, undefined, {}, () => process.exit(0));
}

process.once('disconnect', () => process.exit(0));
process.once('message', (task: TidyTask) => {
	try {
		setPriority(NICE);
	} catch {
		// Some containers forbid it: then it competes like any other.
	}
	tidy(task).then(
		() => finish({ ok: true }),
		(thrown: unknown) =>
			finish({ ok: false, message: thrown instanceof Error ? thrown.message : String(thrown) }),
	);
});
