import { randomBytes } from 'node:crypto';

/** A request body that is not JSON, with its content type. */
export interface Form {
	readonly type: string;
	readonly bytes: Buffer;
}

/** Writes `multipart/form-data` (RFC 7578): fields, then one file. */
export function toForm(
	fields: Readonly<Record<string, string | undefined>>,
	file: {
		readonly field: string;
		readonly name: string;
		readonly mediaType: string;
		readonly bytes: Uint8Array;
	},
): Form {
	const boundary = `----${randomBytes(18).toString('hex')}`;
	const parts: Uint8Array[] = [];
	for (const [name, value] of Object.entries(fields)) {
		if (value === undefined) continue;
		parts.push(
			Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
		);
	}
	parts.push(
		Buffer.from(
			`--${boundary}\r\ncontent-disposition: form-data; name="${file.field}"; filename="${plainName(file.name)}"\r\n` +
				`content-type: ${plainType(file.mediaType)}\r\n\r\n`,
		),
		file.bytes,
		Buffer.from(`\r\n--${boundary}--\r\n`),
	);
	return { type: `multipart/form-data; boundary=${boundary}`, bytes: Buffer.concat(parts) };
}

const MAX_NAME = 100;

/** Engines look at the ending only, and servers differ in how they read anything but ASCII. */
const plainName = (name: string): string => name.slice(-MAX_NAME).replace(/[^\w.-]/g, '_') || 'audio';

const plainType = (type: string): string =>
	/^[\w.+-]{1,60}\/[\w.+-]{1,60}$/.test(type) ? type : 'application/octet-stream';
