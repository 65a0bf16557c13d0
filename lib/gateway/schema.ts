import Ajv, { type SchemaObject, type ValidateFunction } from 'ajv';
import { GatewayError } from './errors';

/** A check that is compiled at its first use and says in one sentence what is wrong where. */
export function lazyCheck<T>(schema: SchemaObject): (body: object) => T {
	let validate: ValidateFunction<T> | undefined;
	return (body) => {
		validate ??= new Ajv({ strict: false }).compile<T>(schema);
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
