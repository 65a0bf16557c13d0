import { readFileSync } from 'node:fs';
import { chunkSync, type ChunkOptions } from '../../../lib/chunking';

function texts(text: string, options: Omit<ChunkOptions, 'method'>): string[] {
	return [...chunkSync(text, { method: 'code', ...options })].map((piece) => piece.text);
}

describe('code', () => {
	test('is cut between functions, with their comments and decorators', () => {
		const python =
			'import os\n\n\n# Says it.\n@cached\ndef one(a):\n    if a:\n        return 1\n    return 2\n\n\ndef two():\n    return 3\n';
		expect(texts(python, { size: 95 })).toEqual([
			'import os\n\n\n# Says it.\n@cached\ndef one(a):\n    if a:\n        return 1\n    return 2\n\n\n',
			'def two():\n    return 3\n',
		]);
		expect(texts(python, { size: 60 })[0]).toBe('import os\n\n\n');
	});

	test('is cut between the members of a class that is too large, then between statements', () => {
		const java =
			'class A {\n\tint one() {\n\t\tstep(1);\n\t\treturn 1;\n\t}\n\n\t/** Two. */\n\tint two() {\n\t\tif (x) {\n\t\t\tstep(2);\n\t\t}\n\t\treturn 2;\n\t}\n}\n';
		expect(texts(java, { size: 80 })).toEqual([
			'class A {\n\tint one() {\n\t\tstep(1);\n\t\treturn 1;\n\t}\n\n',
			'\t/** Two. */\n\tint two() {\n\t\tif (x) {\n\t\t\tstep(2);\n\t\t}\n\t\treturn 2;\n\t}\n}\n',
		]);
	});

	test('is not misled by brackets in strings, characters, comments and templates', () => {
		const body = 'a("{{{");\nb(\'{\');\n// {{{\n/* {\n{ */\nc(`{\n{`);\n';
		const js = `function one() {\n${body}}\nfunction two() {\n${body}}\n`;
		const size = js.indexOf('function two') + 20;
		expect(texts(js, { size, language: 'javascript' })).toEqual([
			`function one() {\n${body}}\n`,
			`function two() {\n${body}}\n`,
		]);
		const rust = "fn one<'a>(x: &'a str) -> char {\n    '{'\n}\nfn two() -> char {\n    '\\''\n}\n";
		expect(texts(rust, { size: 60 })).toEqual([
			"fn one<'a>(x: &'a str) -> char {\n    '{'\n}\n",
			"fn two() -> char {\n    '\\''\n}\n",
		]);
	});

	test('on one long line is cut behind statements', () => {
		const minified = 'function f(a){return a+1}var x=[1,2,3];if(x){g(x);h(x)}'.repeat(40);
		for (const piece of texts(minified, { size: 300, language: 'javascript' }).slice(0, -1))
			expect(piece).toMatch(/[;},]$/);
	});

	test('of this library is cut at indentation depth 0 or 1 nearly always', () => {
		const source = readFileSync(`${__dirname}/../../../lib/chunking/breaks.ts`, 'utf8');
		const chunks = texts(source, { size: 1500 });
		expect(chunks.length).toBeGreaterThan(5);
		const deep = chunks.filter((piece) => /^\t\t/.test(piece));
		expect(deep.length).toBeLessThanOrEqual(1);
	});

	test('is of kind code and refuses languages that are none', () => {
		expect([...chunkSync('x', { method: 'code', size: 10 })]).toMatchObject([{ kind: 'code', headings: [] }]);
		expect(() => chunkSync('x', { method: 'code', size: 10, language: 'markdown' })).toThrow(
			/does not read markdown/,
		);
	});
});

test('recursive knows the separators of a language and leaves keywords with what follows them', () => {
	const go = 'package x\n\nfunc one() {\n\n\ta()\n}\n\nfunc two() {\n\n\tb()\n}\n';
	const pieces = [...chunkSync(go, { method: 'recursive', size: 45, language: 'go' })].map(
		(piece) => piece.text,
	);
	expect(pieces).toEqual(['package x\n\nfunc one() {\n\n\ta()\n}\n\n', 'func two() {\n\n\tb()\n}\n']);
});
