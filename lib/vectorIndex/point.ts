import { contentId, isObject, sha256, type JsonValue } from '../support';
import { facetsOf, leavesOf, type Leaf } from './filter/facets';
import type { Point, StoredPoint } from './types';

/** A point that passed every check, with what both back ends store beside it. */
export interface PreparedPoint {
	readonly point: StoredPoint;
	/** Unit or any length, never all zero; absent: found by keywords only. */
	readonly vector?: Float32Array;
	readonly metadataJson: string;
	/** Changes whenever anything of the row does: equal hash, nothing to write. */
	readonly hash: string;
	/** Scalar values of the metadata, and the facets made of them (see filter/facets.ts). */
	readonly leaves: readonly Leaf[];
	readonly facets: readonly string[];
	/** The name of its document, context and text: what keyword search finds the row by (see terms/). */
	readonly searched: string;
	/** Rough size of the row in bytes, for batching. */
	readonly bytes: number;
}

const MAX_TEXT = 4 * 1024 * 1024;
const MAX_NAME = 4_096;
const MAX_OFFSET = 2 ** 31 - 1;

/** Checks one point. Throws a plain Error whose message says what is wrong with it (it becomes a `Failure`). */
export function preparePoint(
	point: Point,
	settings: { dimensions: number; fingerprint: string },
): PreparedPoint {
	if (typeof point !== 'object' || point === null) throw new Error('it is not an object');
	const text = textField(point.text, 'text', MAX_TEXT);
	const source = textField(point.source, 'source', MAX_NAME);
	if (source === '') throw new Error('its source is empty');
	const start = offset(point.start, 'start');
	const end = offset(point.end, 'end');
	const context = optionalText(point.context, 'context', MAX_TEXT);
	const generation = optionalText(point.generation, 'generation', MAX_NAME);
	const parent = point.parent && {
		start: offset(point.parent.start, 'parent.start') ?? 0,
		end: offset(point.parent.end, 'parent.end') ?? 0,
		...(point.parent.text === undefined
			? {}
			: { text: textField(point.parent.text, 'parent.text', MAX_TEXT) }),
	};
	const leaves = leavesOf(point.metadata);
	const metadataJson = JSON.stringify(point.metadata ?? {});
	const vector = usableVector(point.vector, settings.dimensions);
	const id =
		point.id === undefined ? idOfContent({ source, start, text }, settings.fingerprint) : checkId(point.id);
	const stored: StoredPoint = {
		id,
		text,
		source,
		...(point.metadata === undefined ? {} : { metadata: point.metadata }),
		...(start === undefined ? {} : { start }),
		...(end === undefined ? {} : { end }),
		...(context === undefined ? {} : { context }),
		...(generation === undefined ? {} : { generation }),
		...(parent === undefined ? {} : { parent }),
		...(point.pendingSince === undefined || vector ? {} : { pendingSince: time(point.pendingSince) }),
	};
	// Without `pendingSince`: a row that got its vector later is not written again because it was pending once.
	const hash = sha256(
		JSON.stringify([text, source, start, end, context, generation, parent, metadataJson]),
		vector ? new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength) : '',
	).slice(0, 32);
	const bytes = 2 * text.length + metadataJson.length + 4 * (vector?.length ?? 0) + 512;
	return {
		point: stored,
		...(vector && { vector }),
		metadataJson,
		hash,
		leaves,
		facets: facetsOf(leaves),
		searched: searchedOf(source, context, text),
		bytes,
	};
}

/** A long name is a link or a message id, whose end says what it is. */
const MAX_SEARCHED_NAME = 200;

function searchedOf(source: string, context: string | undefined, text: string): string {
	const name = source.replace(/^[a-z]{2,8}:\/\/(?:www\.)?/i, '').slice(-MAX_SEARCHED_NAME);
	return [name, ...(context === undefined ? [] : [context]), text].join('\n');
}

/** The id a row gets that brings none: the same for the same text at the same place, so that writing twice changes nothing. */
export function idOfContent(
	{ source, start, text }: Pick<Point, 'source' | 'start' | 'text'>,
	fingerprint: string,
): string {
	return contentId(source, String(start ?? ''), text, fingerprint);
}

/** Returns the id when both back ends can keep it. */
export function checkId(id: unknown): string {
	const text = textField(id, 'id', 512);
	if (text === '') throw new Error('its id is empty');
	return text;
}

/** Checks size and values; undefined for an absent or all-zero vector, which has no direction to compare. */
export function usableVector(vector: Float32Array | undefined, dimensions: number): Float32Array | undefined {
	if (vector === undefined) return undefined;
	if (!(vector instanceof Float32Array)) throw new Error('its vector is not a Float32Array');
	if (vector.length !== dimensions) {
		throw new Error(`its vector has ${vector.length} dimensions where the index has ${dimensions}`);
	}
	// A NaN or an infinity anywhere makes the sum of squares one; a loop over indices, because iterating boxes each number.
	let squares = 0;
	for (let k = 0; k < dimensions; k++) squares += (vector[k] ?? 0) ** 2;
	if (!Number.isFinite(squares))
		throw new Error('its vector holds a value that is not a finite 32-bit number');
	return squares === 0 ? undefined : vector;
}

function optionalText(value: unknown, name: string, limit: number): string | undefined {
	return value === undefined ? undefined : textField(value, name, limit);
}

/** Lone surrogates cannot be stored as UTF-8: they become U+FFFD, one for one, so offsets stay true. */
function textField(value: unknown, name: string, limit: number): string {
	if (typeof value !== 'string') throw new Error(`its ${name} is not a text`);
	if (value.length > limit) throw new Error(`its ${name} is longer than ${limit} characters`);
	return value.toWellFormed();
}

function offset(value: unknown, name: string): number | undefined {
	if (value === undefined) return undefined;
	if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_OFFSET) return value;
	throw new Error(`its ${name} is not a whole number from 0 to ${MAX_OFFSET}`);
}

function time(value: unknown): number {
	if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
	throw new Error('its pendingSince is not a time in milliseconds');
}

/** What a back end read of a row, where a column without a value is undefined. */
export interface RowFields {
	readonly id: string | undefined;
	readonly text: string | undefined;
	readonly source: string | undefined;
	readonly metadata: StoredPoint['metadata'];
	readonly start: number | undefined;
	readonly end: number | undefined;
	readonly context: string | undefined;
	readonly generation: string | undefined;
	/** `{ start, end, text? }` as it was stored. */
	readonly parent: JsonValue | undefined;
	readonly pendingSince: number | undefined;
	readonly vector: Float32Array | undefined;
}

/** The point of a row: only what it has. */
export function storedPoint(fields: RowFields): StoredPoint {
	const { id = '', text = '', source = '', metadata, start, end, context, generation } = fields;
	const { pendingSince, vector } = fields;
	const parent = parentOf(fields.parent);
	return {
		id,
		text,
		source,
		...(metadata && { metadata }),
		...(start !== undefined && { start }),
		...(end !== undefined && { end }),
		...(context !== undefined && { context }),
		...(generation !== undefined && { generation }),
		...(parent && { parent }),
		...(pendingSince !== undefined && { pendingSince }),
		...(vector && { vector }),
	};
}

function parentOf(value: JsonValue | undefined): StoredPoint['parent'] {
	if (!isObject(value)) return undefined;
	const { start, end, text } = value;
	if (typeof start !== 'number' || typeof end !== 'number') return undefined;
	return { start, end, ...(typeof text === 'string' && { text }) };
}
