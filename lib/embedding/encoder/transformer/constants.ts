/** A constant of a graph: its shape, and its numbers as they lie in the file. */
export interface Constant {
	readonly name: string;
	readonly shape: readonly number[];
	readonly bytes: Uint8Array;
}

/** What of ONNX's messages is read, by the numbers of their fields (onnx.proto). */
const MODEL = { graph: 7 };
const GRAPH = { constants: 5 };
const TENSOR = { shape: 1, name: 8, bytes: 9 };
/** How a field is written (Protocol Buffers, "wire types"), and how many bytes those of a fixed length have. */
const VARINT = 0;
const LENGTH_GIVEN = 2;
const FIXED_BYTES: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

/**
 * The constants of an ONNX file by their names. Constants whose numbers are not written as raw bytes are left out: of the built-in
 * encoders' these are none.
 *
 * @throws Error when the file is no message of Protocol Buffers
 */
export function readConstants(file: Uint8Array): Map<string, Constant> {
	const constants = new Map<string, Constant>();
	for (const graph of messagesOf(file, MODEL.graph)) {
		for (const tensor of messagesOf(graph, GRAPH.constants)) {
			const constant = readTensor(tensor);
			if (constant) constants.set(constant.name, constant);
		}
	}
	return constants;
}

function readTensor(message: Uint8Array): Constant | undefined {
	const shape: number[] = [];
	let name = '';
	let bytes: Uint8Array | undefined;
	for (const { field, value } of fieldsOf(message)) {
		if (field === TENSOR.shape && typeof value === 'number') shape.push(value);
		if (typeof value === 'number') continue;
		if (field === TENSOR.name) name = Buffer.from(value).toString('utf8');
		if (field === TENSOR.bytes) bytes = value;
	}
	return bytes && { name, shape, bytes };
}

function* messagesOf(message: Uint8Array, wanted: number): Generator<Uint8Array> {
	for (const { field, value } of fieldsOf(message))
		if (field === wanted && typeof value !== 'number') yield value;
}

function* fieldsOf(message: Uint8Array): Generator<{ field: number; value: number | Uint8Array }> {
	let at = 0;
	const readVarint = (): number => {
		let value = 0;
		for (let factor = 1; ; factor *= 128) {
			const byte = message[at++];
			if (byte === undefined) throw new Error('it ends in the middle of a field');
			value += (byte & 127) * factor;
			if (byte < 128) return value;
		}
	};
	while (at < message.length) {
		const key = readVarint();
		const [field, wire] = [Math.floor(key / 8), key % 8];
		if (wire === VARINT) {
			yield { field, value: readVarint() };
			continue;
		}
		const length = wire === LENGTH_GIVEN ? readVarint() : FIXED_BYTES[wire];
		if (length === undefined || at + length > message.length)
			throw new Error(`field ${field} is not as it should be`);
		yield { field, value: message.subarray(at, at + length) };
		at += length;
	}
}
