import { GatewayError } from './errors';

/** A form as a client sent it. */
export interface ReadForm {
	/** The first value of each field that is no file. */
	readonly fields: ReadonlyMap<string, string>;
	readonly file?: { readonly name: string; readonly mediaType: string; readonly bytes: Buffer };
}

/** OpenAI's clients send seven at most. */
const MAX_PARTS = 32;
const FORM = /^\s*multipart\/form-data\s*;/i;
const BOUNDARY = /;\s*boundary=(?:"([^"]{1,70})"|([^\s";,]{1,70}))/i;

/**
 * Reads `multipart/form-data` whose bytes are all there. Few parts are allowed: each costs more than its bytes.
 *
 * @param fileField the field that holds the file
 * @throws GatewayError `invalidRequest`
 */
export async function readForm(
	bytes: Buffer,
	contentType: string | undefined,
	fileField: string,
): Promise<ReadForm> {
	const type = contentType ?? '';
	const [, quoted, plain] = (FORM.test(type) ? BOUNDARY.exec(type) : null) ?? [];
	const boundary = quoted ?? plain;
	if (boundary === undefined)
		throw new GatewayError('invalidRequest', 'The request must be multipart/form-data with a boundary.');
	if (partsIn(bytes, `--${boundary}`) > MAX_PARTS)
		throw new GatewayError('invalidRequest', `The form has more than ${MAX_PARTS} fields.`);
	const normal = { 'content-type': `multipart/form-data; boundary="${boundary}"` };
	const form = await new Response(new Uint8Array(bytes), { headers: normal }).formData().catch((): never => {
		throw new GatewayError('invalidRequest', 'The request is not a complete multipart form.');
	});
	const fields = new Map<string, string>();
	for (const [name, value] of form)
		if (typeof value === 'string' && !fields.has(name)) fields.set(name, value);
	const file = form.get(fileField);
	if (file === null || typeof file === 'string') return { fields };
	const { name, type: mediaType } = file;
	return { fields, file: { name, mediaType, bytes: Buffer.from(await file.arrayBuffer()) } };
}

/** How often a boundary occurs, counted as far as it matters. */
function partsIn(bytes: Buffer, boundary: string): number {
	let count = 0;
	for (let at = bytes.indexOf(boundary); at !== -1 && count <= MAX_PARTS + 1; count++)
		at = bytes.indexOf(boundary, at + boundary.length);
	return count;
}
