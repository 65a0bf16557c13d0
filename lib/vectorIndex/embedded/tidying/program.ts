/**
 * The program of the process that tidies one large table. A process, because merging the files of a table takes hundreds
 * of megabytes, which a process gives back, and because it can be told to leave the processor to others.
 */
import { connect, Session } from '@lancedb/lancedb';
import { connectToParent, messageOf } from '../../../support';

export interface TidyTask {
	readonly directory: string;
	readonly table: string;
	/** Bytes of LanceDB's caches. */
	readonly caches: { readonly index: number; readonly metadata: number };
}

export type TidyAnswer = { readonly ok: true } | { readonly ok: false; readonly message: string };

async function tidy({ directory, table, caches }: TidyTask): Promise<void> {
	const session = new Session(BigInt(caches.index), BigInt(caches.metadata));
	const connection = await connect(directory, { session });
	const opened = await connection.openTable(table);
	await opened.optimize();
}

const send = connectToParent<TidyTask, TidyAnswer>((task) => {
	tidy(task).then(
		() => send({ ok: true }),
		(thrown: unknown) => send({ ok: false, message: messageOf(thrown) }),
	);
});
