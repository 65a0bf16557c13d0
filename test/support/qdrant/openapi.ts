import Ajv, { type ValidateFunction } from 'ajv';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { asObject, isObject, type Json, type JsonObject } from './values';

/** Checks requests against Qdrant's own description of them. */
export interface Specification {
	/** What is wrong with a request, in words; undefined when it conforms. `unknown` also finds fields it does not know. */
	problem(
		method: string,
		path: string,
		body: Json | undefined,
		unknown: 'allowed' | 'refused',
	): string | undefined;
}

export function loadSpecification(): Specification {
	const file = path.join(__dirname, '../../fixtures/qdrant/openapi.json');
	const document = asObject(JSON.parse(readFileSync(file, 'utf8')) as Json);
	const routes = Object.entries(asObject(document.paths)).map(([template, methods]) => ({
		pattern: new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`),
		open: template.split('{').length,
		methods: asObject(methods),
	}));
	// The path with fewer open parts wins: /collections/aliases is no collection named "aliases".
	routes.sort((a, b) => a.open - b.open);
	const lenient = compilerOf(document, false);
	const strict = compilerOf(document, true);

	return {
		problem(method, address, body, unknown) {
			const route = routes.find(({ pattern }) => pattern.test(address));
			const operation = route && asObject(route.methods[method.toLowerCase()]);
			if (!operation || Object.keys(operation).length === 0) return `${method} ${address} is not described`;
			const content = asObject(asObject(asObject(operation.requestBody).content)['application/json']);
			if (!isObject(content.schema)) return undefined;
			if (body === undefined || body === null) return undefined;
			const validate = (unknown === 'refused' ? strict : lenient)(content.schema);
			if (validate(body)) return undefined;
			return (
				validate.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`).join('; ') ??
				'invalid'
			);
		},
	};
}

function compilerOf(document: JsonObject, strict: boolean): (schema: JsonObject) => ValidateFunction {
	const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: false });
	ajv.addSchema({ $id: 'qdrant', components: convert(document.components ?? null, strict) });
	const compiled = new Map<JsonObject, ValidateFunction>();
	return (schema) => {
		let validate = compiled.get(schema);
		if (!validate) {
			validate = ajv.compile(asObject(convert(schema, strict)));
			compiled.set(schema, validate);
		}
		return validate;
	};
}

/** OpenAPI 3.0 writes `nullable` where JSON Schema has a type of its own; references get the name of the document. */
function convert(schema: Json, strict: boolean): Json {
	if (Array.isArray(schema)) return schema.map((each) => convert(each, strict));
	if (!isObject(schema)) return schema;
	const { nullable, ...rest } = schema;
	const converted: JsonObject = Object.fromEntries(
		Object.entries(rest).map(([key, value]) => [key, convert(value, strict)]),
	);
	if (typeof converted.$ref === 'string') converted.$ref = `qdrant${converted.$ref}`;
	if (nullable === true) {
		if (converted.type === undefined) return { type: 'null' };
		converted.type = [converted.type, 'null'];
		if (Array.isArray(converted.enum)) converted.enum = [...converted.enum, null];
	}
	if (
		strict &&
		isObject(converted.properties) &&
		converted.type === 'object' &&
		converted.additionalProperties === undefined
	) {
		converted.additionalProperties = false;
	}
	return converted;
}
