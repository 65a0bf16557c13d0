import fc from 'fast-check';
import { dialectTable } from '../../../lib/engine';
import { ThinkSplitter } from '../../../lib/engine/stream/thinkSplitter';
import { alignTokens } from '../../../lib/engine/embedding/alignTokens';
import { ndjsonReader, sseReader } from '../../../lib/engine/transport/frames';
import { parseBaseUrl } from '../../../lib/engine/transport/url';
import { regexToGbnf } from '../../../lib/engine/wire/gbnf';
import { gauge } from '../../../lib/engine/wire/openai';

function split(pieces: readonly string[]): { thought: string; said: string } {
	const splitter = new ThinkSplitter();
	let thought = '';
	let said = '';
	const take = () => {
		const got = splitter.take();
		thought += got.thought;
		said += got.said;
	};
	for (const piece of pieces) {
		if (splitter.done) said += piece;
		else {
			splitter.feed(piece);
			take();
		}
	}
	if (!splitter.done) {
		splitter.end();
		take();
	}
	return { thought, said };
}

describe('thinking inside the text', () => {
	test('is taken apart wherever the pieces are cut', () => {
		const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 });
		fc.assert(
			fc.property(cuts, (lengths) => {
				const text = '\n<think>Let me </thin k see</think>\n\nHello <think> there';
				const pieces: string[] = [];
				for (let at = 0, i = 0; at < text.length; i++) {
					const length = lengths[i % lengths.length] ?? 1;
					pieces.push(text.slice(at, at + length));
					at += length;
				}
				const { thought, said } = split(pieces);
				expect(thought).toBe('Let me </thin k see');
				expect(said.trimStart()).toBe('Hello <think> there');
			}),
		);
	});

	test('text that only begins like it stays text', () => {
		expect(split(['<thi', 's is fine'])).toEqual({ thought: '', said: '<this is fine' });
		expect(split(['  plain'])).toEqual({ thought: '', said: '  plain' });
		expect(split(['<thin'])).toEqual({ thought: '', said: '<thin' });
	});
});

describe('frames', () => {
	const cut = (text: string, lengths: readonly number[]): string[] => {
		const pieces: string[] = [];
		for (let at = 0, i = 0; at < text.length; i++) {
			const length = lengths[i % lengths.length] ?? 1;
			pieces.push(text.slice(at, at + length));
			at += length;
		}
		return pieces;
	};
	const lengths = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 });

	test('lines come whole however they are cut, the last one without its newline too', () => {
		const lines = ['{"a":"ü🎉"}', '{"b":[1,2,3]}', '{"long":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}'];
		fc.assert(
			fc.property(lengths, fc.boolean(), (cuts, newline) => {
				const got: string[] = [];
				const reader = ndjsonReader((line) => got.push(line));
				for (const piece of cut(lines.join('\n') + (newline ? '\n' : ''), cuts)) reader.onText(piece);
				reader.onEnd();
				expect(got).toEqual(lines);
			}),
		);
	});

	test('events come whole however they are cut, comments do not come at all', () => {
		fc.assert(
			fc.property(lengths, (cuts) => {
				const got: string[] = [];
				const reader = sseReader((data) => got.push(data));
				for (const piece of cut(
					': ping\n\ndata: {"a":1}\n\n:\n\ndata: x\ndata: y\r\n\r\ndata: [DONE]\n\n',
					cuts,
				))
					reader.onText(piece);
				expect(got).toEqual(['{"a":1}', 'x\ny', '[DONE]']);
			}),
		);
	});

	test('an event without end is refused before it fills the memory', () => {
		const megabyte = 'x'.repeat(1 << 20);
		for (const reader of [sseReader(() => undefined), ndjsonReader(() => undefined)]) {
			expect(() => {
				for (let i = 0; i < 10; i++) reader.onText(megabyte);
			}).toThrow(/more than 8 MB/);
		}
	});
});

describe('places of tokens', () => {
	test('from UTF-8 byte offsets', () => {
		const text = 'aé🎉b';
		const piece = (start: number, end: number) => ({ bytes: { start, end } });
		expect(
			alignTokens(text, [{ special: true }, piece(0, 1), piece(1, 3), piece(3, 7), piece(7, 8)]),
		).toEqual([null, { start: 0, end: 1 }, { start: 1, end: 2 }, { start: 2, end: 4 }, { start: 4, end: 5 }]);
	});

	test.each([
		[
			'WordPiece',
			'Unbelievable Çafé!',
			['[CLS]', 'un', '##believable', 'cafe', '!', '[SEP]'],
			[null, 'Un', 'believable', 'Çafé', '!', null],
		],
		[
			'SentencePiece',
			'Hello big world',
			['<s>', '▁Hello', '▁big', '▁wor', 'ld', '</s>'],
			[null, 'Hello', 'big', 'wor', 'ld', null],
		],
		['byte-level BPE', 'two\nlines here', ['two', 'Ċ', 'lines', 'Ġhere'], ['two', null, 'lines', 'here']],
		['an unknown sign', 'a 🎉 b', ['[CLS]', 'a', '[UNK]', 'b', '[SEP]'], [null, 'a', '🎉', 'b', null]],
	])('from pieces: %s', (_, text, pieces, words) => {
		const spans = alignTokens(
			text,
			pieces.map((piece) => ({ piece })),
		);
		expect(spans.map((span) => (span === null ? null : text.slice(span.start, span.end)))).toEqual(words);
	});

	test('go forward and stay inside the text, whatever comes', () => {
		fc.assert(
			fc.property(
				fc.string({ unit: 'grapheme', maxLength: 60 }),
				fc.array(fc.string({ maxLength: 6 }), { maxLength: 20 }),
				(text, pieces) => {
					let last = 0;
					for (const span of alignTokens(
						text,
						pieces.map((piece) => ({ piece })),
					)) {
						if (span === null) continue;
						expect(span.start).toBeGreaterThanOrEqual(last);
						expect(span.end).toBeGreaterThanOrEqual(span.start);
						expect(span.end).toBeLessThanOrEqual(text.length);
						last = span.start;
					}
				},
			),
		);
	});
});

describe('patterns as llama.cpp grammars', () => {
	test.each([
		['^[A-Z]{2}-\\d+$', '[A-Z]{2} "-" [0-9]+'],
		['(?:yes|no)\\.', '("y" "e" "s" | "n" "o") "."'],
		['a"\\n', '"a" "\\"" "\\n"'],
		['[\\w.-]*@x', '[A-Za-z0-9_.-]* "@" "x"'],
		['', '""'],
	])('%s', (pattern, grammar) => {
		expect(regexToGbnf(pattern)).toBe(grammar);
	});

	test.each(['(?=x)y', 'a+?', '(a', '\\bword', 'a)b', '*a', '(x)\\1', 'a$b'])(
		'%s is refused with its reason',
		(pattern) => {
			expect(() => regexToGbnf(pattern)).toThrow(expect.objectContaining({ kind: 'invalidRequest' }));
		},
	);
});

test.each([
	['http://h:1', 'http://h:1', ''],
	['http://h:1/v1/', 'http://h:1', ''],
	['h:11434', 'http://h:11434', ''],
	['https://h/llm/v1', 'https://h', '/llm'],
])('base URL %s', (text, origin, prefix) => {
	expect(parseBaseUrl(text)).toMatchObject({ origin, prefix });
});

test('a login in the base URL becomes a header, and other schemes are refused', () => {
	const { origin, headers } = parseBaseUrl('http://me:pa%20ss@h:1');
	expect(origin).toBe('http://h:1');
	expect(headers.authorization).toBe(`Basic ${Buffer.from('me:pa ss').toString('base64')}`);
	// A % that begins no escape is part of the password.
	expect(parseBaseUrl('http://me:50%off@h:1').headers.authorization).toBe(
		`Basic ${Buffer.from('me:50%off').toString('base64')}`,
	);
	expect(() => parseBaseUrl('file:///etc/passwd')).toThrow(
		expect.objectContaining({ kind: 'invalidRequest' }),
	);
});

test('gauges are summed over their labels, and told from names that only begin alike', () => {
	const page =
		'# HELP vllm:num_requests_waiting x\nvllm:num_requests_waiting{engine="0"} 2.0\nvllm:num_requests_waiting{engine="1"} 3.0\nvllm:num_requests_waiting_by_reason{r="c"} 9.0\n';
	expect(gauge(page, 'vllm:num_requests_waiting')).toBe(5);
	expect(gauge(page, 'vllm:nothing')).toBeUndefined();
});

test('every engine type says what it can do, and has what it says', () => {
	const table = dialectTable();
	expect(table.map(({ dialect }) => dialect).sort()).toEqual([
		'freellmapi',
		'llamacpp',
		'lmstudio',
		'localai',
		'nim',
		'ollama',
		'openai',
		'sglang',
		'tei',
		'tensorrt',
		'vllm',
	]);
	expect(table.filter(({ remote }) => remote).map(({ dialect }) => dialect)).toEqual(['freellmapi']);
});
