// Runs in a worker thread that is ended when a check takes too long: a schema from outside can ask for work without end
// (references that multiply, `uniqueItems` over a long list). Imports nothing of the package, so that it loads as it is
// (in tests as TypeScript with its types stripped).
import type * as AjvModule from 'ajv';
import type * as Ajv2020Module from 'ajv/dist/2020.js';
import type * as Re2Module from 're2js';
import type { Ajv, ErrorObject, Options, ValidateFunction } from 'ajv';
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

/** A schema and a value, both as JSON text. */
export interface SchemaJob {
	readonly job: number;
	readonly schema: string;
	readonly value: string;
}

export type SchemaReply = { readonly job: number } & (
	| { readonly problems: readonly string[] }
	| { readonly invalidSchema: string }
);

/** Problems that are told at once. */
const MOST_PROBLEMS = 8;
/** Compiled schemas that are kept. A flow has a handful; a log with one per row must not fill the memory. */
const MOST_COMPILED = 200;
/** Keywords that are new in 2020-12; without one of them, and without `$schema`, draft 7 is meant. */
const NEW_KEYWORDS = [
	'"prefixItems":',
	'"unevaluatedProperties":',
	'"unevaluatedItems":',
	'"dependentRequired":',
	'"dependentSchemas":',
	'"minContains":',
	'"maxContains":',
	'"$dynamicRef":',
	'"$schema":"https://json-schema.org/draft/2019-09',
	'"$schema":"https://json-schema.org/draft/2020-12',
];

const port = parentPort;
if (port === null) throw new Error('The schema worker runs as a worker thread only.');
// The one file name that is right in the package (CommonJS) and as a source (a module).
const load = createRequire(String((workerData as { readonly file: unknown }).file));
const { Ajv: Draft7 } = load('ajv') as typeof AjvModule;
const { Ajv2020 } = load('ajv/dist/2020.js') as typeof Ajv2020Module;
const { RE2JS } = load('re2js') as typeof Re2Module;

/** RE2's syntax has no backward references and no look-around: those few are left to the deadline. */
function linear(pattern: string, flags: string): { test(text: string): boolean; toString(): string } {
	let compiled: ReturnType<typeof RE2JS.compile>;
	try {
		compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
	} catch {
		return new RegExp(pattern, flags);
	}
	// Ajv keeps patterns by what they are written as.
	return { test: (text) => compiled.matcher(text).find(), toString: () => `/${pattern}/${flags}` };
}

/** A date of the calendar (RFC 3339, full-date). */
function isDate(text: string): boolean {
	const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
	const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
	return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}

const isTime = (text: string): boolean =>
	/^(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?(?:z|[+-]\d\d:?\d\d)?$/i.test(text);

/** Formats of JSON Schema that are checked; others are notes for people. */
const FORMATS: Options['formats'] = {
	date: isDate,
	time: isTime,
	'date-time': (text: string) =>
		/^.{10}[t ]/i.test(text) && isDate(text.slice(0, 10)) && isTime(text.slice(11)),
	email: (text: string) =>
		/^[^\s@]+$/.test(text.split('@')[0] ?? '') &&
		/^[^\s@.]+(?:\.[^\s@.]+)*$/.test(text.split('@').slice(1).join('@')),
	uri: (text: string) => /^[a-z][a-z\d+.-]*:[^\s]+$/i.test(text),
	uuid: /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i,
	ipv4: /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/,
};

const options: Options = {
	allErrors: true,
	// Schemas of users carry keywords of other tools ("example", "title" …): unknown ones are no error.
	strict: false,
	formats: FORMATS,
	logger: false,
	// The engine's name would stand in generated code that is written to a file; ours never is.
	code: { regExp: Object.assign(linear, { code: 'linear' }) },
};
const compiled = new Map<string, ValidateFunction | string>();
let drafts: { draft7?: Ajv; draft2020?: Ajv } = {};

function compile(text: string): ValidateFunction | string {
	const known = compiled.get(text);
	if (known !== undefined) return known;
	if (compiled.size >= MOST_COMPILED) {
		compiled.clear();
		drafts = {};
	}
	let result: ValidateFunction | string;
	try {
		// Which draft it is was looked at; Ajv refuses a `$schema` it has not loaded, and an `$id` it has seen.
		const schema = Object.fromEntries(
			Object.entries(JSON.parse(text) as object).filter(([key]) => key !== '$schema' && key !== '$id'),
		);
		const newer = NEW_KEYWORDS.some((keyword) => text.includes(keyword));
		const ajv = newer ? (drafts.draft2020 ??= new Ajv2020(options)) : (drafts.draft7 ??= new Draft7(options));
		result = ajv.compile(schema);
	} catch (thrown) {
		result = thrown instanceof Error ? thrown.message : String(thrown);
	}
	compiled.set(text, result);
	return result;
}

function describe({ instancePath, message = 'is not valid', params }: ErrorObject): string {
	const where = instancePath === '' ? 'the value' : instancePath;
	const detail =
		'additionalProperty' in params
			? ` (${String(params.additionalProperty)})`
			: 'allowedValues' in params
				? ` (${String(params.allowedValues)})`
				: '';
	return `${where} ${message}${detail}`.slice(0, 500);
}

function judge({ job, schema, value }: SchemaJob): SchemaReply {
	const validate = compile(schema);
	if (typeof validate === 'string') return { job, invalidSchema: validate };
	try {
		if (validate(JSON.parse(value)) === true) return { job, problems: [] };
		return { job, problems: (validate.errors ?? []).slice(0, MOST_PROBLEMS).map(describe) };
	} catch (thrown) {
		return { job, invalidSchema: thrown instanceof Error ? thrown.message : String(thrown) };
	}
}

port.on('message', (job: SchemaJob) => port.postMessage(judge(job)));
