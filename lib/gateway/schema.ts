import type * as AjvModule from 'ajv';
import type { SchemaObject, ValidateFunction } from 'ajv';
import { createRequire } from 'node:module';
import { loadPart } from '../support';
import { GatewayError } from './errors';

/** A check that is compiled at its first use and says in one sentence what is wrong where. */
export function lazyCheck<T>(schema: SchemaObject): (body: object) => T {
	let validate: ValidateFunction<T> | undefined;
	return (body) => {
		validate ??= compile<T>(schema);
		if (validate(body)) return body;
		const { instancePath = '', message = 'is wrong', params = {} } = validate.errors?.[0] ?? {};
		const param = instancePath.slice(1).replaceAll('/', '.');
		const allowed: unknown = params.allowedValues;
		const words = Array.isArray(allowed) ? `${message}: ${allowed.join(', ')}` : message;
		throw new GatewayError('invalidRequest', `${param === '' ? 'The request' : `"${param}"`} ${words}.`, {
			param: param === '' ? undefined : param,
		});
	};
}

/** Ajv is 63 files, a fifth of what the pack would add to n8n's start: it is read when the first request comes. */
function compile<T>(schema: SchemaObject): ValidateFunction<T> {
	const { Ajv } = loadPart(() => createRequire(__filename)('ajv') as typeof AjvModule);
	return new Ajv({ strict: false }).compile<T>(schema);
}
