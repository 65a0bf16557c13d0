// Hostile requests to the templates' webhooks, for tests and benchmarks: what strangers may send, and what must come back.
const { crc32, deflateRawSync } = require('node:zlib');

/**
 * @typedef {object} Attack
 * @property {string} name what it tries
 * @property {string} path of the webhook
 * @property {string | FormData} body
 * @property {Record<string, string>} headers
 * @property {readonly number[]} answers statuses that are right
 */

const json = { 'content-type': 'application/json' };

/** A value inside as many objects. @param {string} field @param {number} depth */
const nested = (field, depth) => `{"${field}":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`;

/** A ZIP archive with one entry for each name. @param {Record<string, Buffer>} entries */
function zipOf(entries) {
	const parts = [];
	const directory = [];
	let offset = 0;
	for (const [name, content] of Object.entries(entries)) {
		const packed = deflateRawSync(content, { level: 9 });
		const head = Buffer.alloc(30);
		head.writeUInt32LE(0x04034b50, 0);
		head.writeUInt16LE(20, 4);
		head.writeUInt16LE(8, 8);
		head.writeUInt32LE(crc32(content), 14);
		head.writeUInt32LE(packed.length, 18);
		head.writeUInt32LE(content.length, 22);
		head.writeUInt16LE(name.length, 26);
		const central = Buffer.alloc(46);
		central.writeUInt32LE(0x02014b50, 0);
		central.writeUInt16LE(20, 4);
		head.copy(central, 6, 4, 30);
		central.writeUInt32LE(offset, 42);
		parts.push(head, Buffer.from(name), packed);
		directory.push(central, Buffer.from(name));
		offset += head.length + name.length + packed.length;
	}
	const list = Buffer.concat(directory);
	const end = Buffer.alloc(22);
	end.writeUInt32LE(0x06054b50, 0);
	end.writeUInt16LE(Object.keys(entries).length, 8);
	end.writeUInt16LE(Object.keys(entries).length, 10);
	end.writeUInt32LE(list.length, 12);
	end.writeUInt32LE(offset, 16);
	return Buffer.concat([...parts, list, end]);
}

const WORD = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument';

/** A DOCX of a few kilobytes with so many paragraphs. @param {number} paragraphs */
function docxOf(paragraphs) {
	return zipOf({
		'[Content_Types].xml': Buffer.from(
			'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
		),
		'_rels/.rels': Buffer.from(
			`<Relationships xmlns="${RELATIONS}"><Relationship Id="a" Type="${OFFICE}" Target="word/document.xml"/></Relationships>`,
		),
		'word/document.xml': Buffer.from(
			`<w:document xmlns:w="${WORD}"><w:body>${'<w:p><w:r><w:t>a</w:t></w:r></w:p>'.repeat(paragraphs)}</w:body></w:document>`,
		),
	});
}

/** @param {Buffer | string} content @param {string} name */
function upload(content, name) {
	const form = new FormData();
	form.append('file', new Blob([content]), name);
	return form;
}

/**
 * For n8n with the templates knowledge-base-ingest, knowledge-base-ask, distillation-feedback, ab-test and
 * engine-gateway published.
 *
 * @param {{ gatewayKey: string }} given @returns {readonly Attack[]}
 */
function attacks({ gatewayKey }) {
	const documents = 'knowledge-base/documents';
	const refused = [400, 413];
	const bomb = docxOf(1_000_000);
	/** @param {unknown} body */
	const text = (body) => JSON.stringify(body);
	return [
		{
			name: 'a correction that looks like 21,845 tokens',
			path: 'distillation/feedback',
			body: text({ record: 'x', correction: '-eyJaaaaaaaa'.repeat(21_845) }),
			headers: json,
			answers: [200, 400],
		},
		{
			name: 'a body nested 20,000 deep',
			path: 'distillation/feedback',
			body: nested('record', 20_000),
			headers: json,
			answers: refused,
		},
		{
			name: 'a parameter nested 20,000 deep at the gateway',
			path: 'gateway/v1/chat/completions',
			body: `{"model":"scripted","messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"function","function":{"name":"t","parameters":${nested('a', 20_000)}}}]}`,
			headers: { ...json, authorization: `Bearer ${gatewayKey}` },
			answers: refused,
		},
		{
			name: 'a DOCX of a million paragraphs',
			path: documents,
			body: upload(bomb, 'bomb.docx'),
			headers: {},
			answers: [200, 400, 413, 422, 500, 503],
		},
		{
			name: 'a table of bars and tabs as Markdown, and 64 K of line breaks',
			path: documents,
			body: text({
				documents: [
					{ source: 'attack-table.md', text: `|a${'\t'.repeat(32_000)}` },
					{ source: 'attack-lines.txt', text: '\n\t'.repeat(32_000) },
				],
			}),
			headers: json,
			answers: [200, ...refused],
		},
		{
			name: 'another index, named by the caller',
			path: documents,
			body: text({ index: 'secret', documents: [{ source: 'a.md', text: 'Overwritten.' }] }),
			headers: json,
			answers: [400],
		},
		{
			name: 'a question of 200,000 characters, and numbers without end',
			path: 'knowledge-base/ask',
			body: text({ question: '1.1.1.'.repeat(33_000), limit: 1e308 }),
			headers: json,
			answers: refused,
		},
		{
			name: 'objects whose keys JavaScript gives a meaning to',
			path: 'distillation/feedback',
			body: '{"record":{"toString":"x"},"thumb":{"__proto__":{}},"comment":{"toJSON":"x"}}',
			headers: json,
			answers: [400],
		},
		{
			name: 'a tool whose pattern takes exponential time',
			path: 'gateway/v1/chat/completions',
			body: text({
				messages: [{ role: 'user', content: 'a'.repeat(28) }],
				tools: [
					{
						type: 'function',
						function: {
							name: 't',
							parameters: { properties: { a: { type: 'string', pattern: '^(a+)+$' } } },
						},
					},
				],
			}),
			headers: { ...json, authorization: `Bearer ${gatewayKey}` },
			answers: [200, 400],
		},
		{
			name: 'a question and an index that are such objects',
			path: 'knowledge-base/ask',
			body: '{"question":{"__proto__":{"a":1}},"index":{"toString":"x"},"limit":{"valueOf":"x"}}',
			headers: json,
			answers: [200, ...refused],
		},
	];
}

module.exports = { attacks, docxOf, nested, upload, zipOf };
