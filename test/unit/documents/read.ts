import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
	detectKind,
	readDocument,
	READ_LIMITS,
	type ReadDocument,
	type ReadLimits,
} from '../../../lib/documents';

/** Files that people really had, by their names in test/fixtures/documents. */
export async function readFixture(name: string): Promise<ReadDocument> {
	return await read(await readFile(join(__dirname, '../../fixtures/documents', name)), name);
}

/** A file as a sync reads it. */
export async function read(
	data: Uint8Array | string,
	name: string,
	limits: Partial<ReadLimits> = {},
): Promise<ReadDocument> {
	const bytes = typeof data === 'string' ? Buffer.from(data) : data;
	const kind = detectKind(bytes, name);
	const signal = new AbortController().signal;
	return await readDocument({ bytes, kind, name }, { ...READ_LIMITS, ...limits }, signal);
}

/** The text of a file, without what is not looked at. */
export const textOf = async (data: Uint8Array | string, name: string): Promise<string> =>
	(await read(data, name)).text;
