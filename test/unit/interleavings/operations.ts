import type { IndexAddress } from '../../../lib/vectorIndex';

/** What one of the processes is asked to do. Keys of documents begin with "d", those of single rows with "r". */
export type Operation =
	| { readonly kind: 'sync' | 'mirror'; readonly documents: Readonly<Record<string, number>> }
	| { readonly kind: 'upsert'; readonly key: string; readonly value: number }
	| { readonly kind: 'deleteDocument' | 'deleteRow'; readonly key: string }
	| { readonly kind: 'tidy' | 'tune' }
	| { readonly kind: 'migrate'; readonly size: number }
	| { readonly kind: 'read'; readonly mode: 'scan' | 'keyword' | 'vector' | 'hybrid' };

export interface Task {
	readonly task: number;
	readonly address: IndexAddress & { backend: 'embedded' };
	readonly operation: Operation;
}

export interface Answer {
	readonly task: number;
	readonly error?: string;
	/** Documents of a sync that were not stored. */
	readonly failed?: readonly string[];
	/** A mirror that removed nothing. */
	readonly skipped?: boolean;
	/** Texts of all rows that were read. */
	readonly texts?: readonly string[];
}

/** Sentences of a document: some end up in chunks of their own. */
export const SENTENCES = 3;

/** Names the key and the value in each sentence, so that each row says what it is of. */
export const textOf = (key: string, value: number): string =>
	Array.from({ length: SENTENCES }, (_, i) => `The harbour has ${key} at ${value} in part ${i} now.`).join(
		' ',
	);

export const rowText = (key: string, value: number): string =>
	`The harbour has ${key} at ${value} in part 0 now.`;

export const DOCUMENTS = ['d0', 'd1', 'd2', 'd3'];
export const ROWS = ['r0', 'r1', 'r2'];

/** A random operation. Each write has a value of its own. */
export function randomOperation(random: () => number, value: number): Operation {
	const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
	const kind = one([
		...['sync', 'sync', 'sync', 'upsert', 'upsert', 'deleteRow', 'deleteDocument', 'mirror'],
		...['read', 'read', 'read', 'read', 'tidy', 'tidy', 'tune', 'migrate'],
	] as const);
	switch (kind) {
		case 'sync':
		case 'mirror': {
			const keys = DOCUMENTS.filter(() => random() < 0.5);
			const documents = Object.fromEntries((keys.length > 0 ? keys : ['d0']).map((key) => [key, value]));
			return { kind, documents };
		}
		case 'upsert':
			return { kind, key: one(ROWS), value };
		case 'deleteRow':
			return { kind, key: one(ROWS) };
		case 'deleteDocument':
			return { kind, key: one(DOCUMENTS) };
		case 'migrate':
			return { kind, size: one([60, 70, 120, 400]) };
		case 'read':
			return { kind, mode: one(['scan', 'keyword', 'vector', 'hybrid']) };
		default:
			return { kind };
	}
}
