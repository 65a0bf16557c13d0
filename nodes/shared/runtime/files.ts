import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import type { NodeItem } from './nodeItem';

/**
 * The bytes of a file of the item. A file that n8n keeps on the disk is opened when it is read, and streamed: only then can it
 * be larger than the memory, and a thousand files do not hold a thousand handles.
 *
 * @throws InputError when the item has no such file
 */
export function fileBytes(
	context: IExecuteFunctions,
	item: NodeItem,
	field: string,
	file: IBinaryData = item.file(field),
): AsyncIterable<Uint8Array> {
	return read();
	async function* read(): AsyncGenerator<Uint8Array> {
		if (file.id === undefined) yield await context.helpers.getBinaryDataBuffer(item.index, field);
		else yield* (await context.helpers.getBinaryStream(file.id)) as AsyncIterable<Uint8Array>;
	}
}
