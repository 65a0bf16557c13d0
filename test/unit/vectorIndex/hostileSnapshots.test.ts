// Snapshots that somebody has written by hand, with a check sum that is right: each is restored or refused as the sender's mistake.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createIndex, IndexError, openIndex, restoreIndex, snapshotIndex } from '../../../lib/vectorIndex';

const directory = mkdtempSync(path.join(tmpdir(), 'hostile-snapshots-'));
afterAll(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));

const at = (name: string) => ({ backend: 'embedded', directory, name }) as const;
let head = '';
let row: Record<string, unknown> = {};

beforeAll(async () => {
	const index = await createIndex(at('a'), { model: 'm', dimensions: 4, fingerprint: 'f' });
	const vector = new Float32Array([1, 0, 0, 0]);
	await index.upsert([{ source: 'a', text: 't', vector }], { fingerprint: 'f' });
	const parts: Uint8Array[] = [];
	for await (const part of snapshotIndex(index)) parts.push(part);
	const lines = gunzipSync(Buffer.concat(parts)).toString().split('\n');
	head = lines[0] ?? '';
	({ row } = JSON.parse(lines.find((line) => line.startsWith('{"row"')) ?? '{}') as { row: typeof row });
});

function snapshotOf(first: string, ...lines: string[]): Buffer {
	const hash = createHash('sha256');
	for (const line of [first, ...lines]) hash.update(`${line}\n`);
	const rows = lines.filter((line) => line.startsWith('{"row"')).length;
	const end = { end: true, rows, keys: lines.length - rows, sha256: hash.digest('hex') };
	return gzipSync(`${[first, ...lines, JSON.stringify(end)].join('\n')}\n`);
}

/** The line of a row with these fields, as JSON text. */
const rowWith = (fields: string): string => `{"row":${JSON.stringify(row).slice(0, -1)},${fields}}}`;
const headWith = (fields: string): string => head.replace('"settings":{', `"settings":{${fields},`);
const vectorOf = (bytes: number, fill = 0): string => Buffer.alloc(bytes, fill).toString('base64');
const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;

it.each<readonly [string, () => Buffer]>([
	['a vector of half a number', () => snapshotOf(head, rowWith('"vector":"AAA="'))],
	['a vector of other dimensions', () => snapshotOf(head, rowWith(`"vector":"${vectorOf(8)}"`))],
	['a vector that is no number', () => snapshotOf(head, rowWith(`"vector":"${vectorOf(16, 0xff)}"`))],
	['metadata that is a text', () => snapshotOf(head, rowWith('"metadata":"x"'))],
	['metadata that is a list', () => snapshotOf(head, rowWith('"metadata":[1]'))],
	['metadata nested too deep', () => snapshotOf(head, rowWith(`"metadata":${deep}`))],
	['an id that is an object', () => snapshotOf(head, rowWith('"id":{"a":1}'))],
	['an end before the start', () => snapshotOf(head, rowWith('"start":"x","end":-1'))],
	['a row that is null', () => snapshotOf(head, '{"row":null}')],
	['a key with a value nested too deep', () => snapshotOf(head, `{"key":"a","value":${deep}}`)],
	['notes that are a text', () => snapshotOf(headWith('"notes":"x"'), rowWith('"a":1'))],
	['notes nested too deep', () => snapshotOf(headWith(`"notes":${deep}`), rowWith('"a":1'))],
	['a layout that is a text', () => snapshotOf(headWith('"layout":"x"'), rowWith('"a":1'))],
	['a preset that is an object', () => snapshotOf(headWith('"preset":{"toString":"x"}'), rowWith('"a":1'))],
	['a weight that is a text', () => snapshotOf(headWith('"vectorWeight":"x"'), rowWith('"a":1'))],
])('%s is refused, and nothing is left behind', async (_, bytes) => {
	const thrown: unknown = await restoreIndex(at('b'), [bytes()]).catch((error: unknown) => error);
	expect(thrown).toBeInstanceOf(IndexError);
	expect((thrown as IndexError).kind).toMatch(/^invalid(?:Query|Settings)$/);
	await expect(openIndex(at('b'))).rejects.toMatchObject({ kind: 'notFound' });
});

it('keys that JavaScript gives a meaning to are data', async () => {
	const odd = rowWith('"metadata":{"__proto__":{"polluted":true},"toString":"x","constructor":{"a":1}}');
	const index = await restoreIndex(at('c'), [snapshotOf(head, '{"key":"__proto__","value":{"a":1}}', odd)]);
	expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
	for await (const { metadata } of index.scan()) expect(metadata).toMatchObject({ toString: 'x' });
	expect(await index.count()).toBe(1);
});
