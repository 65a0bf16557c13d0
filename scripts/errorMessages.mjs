// npm run docs:errors: writes docs/error-messages.md, every message that lib and nodes throw on purpose, as the sources have them.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import prettier from 'prettier';
import ts from 'typescript';
import { cell } from './lib/fieldTables.cjs';
import { filesBelow, inRoot } from './lib/paths.mjs';

/** Our error classes by what people know them as. */
const TITLES = {
	InputError: 'Input of a node',
	EngineError: 'Engines',
	GatewayError: 'Engine Gateway',
	EmbeddingError: 'Embedding',
	ChunkingError: 'Chunking',
	IndexError: 'Vector index',
	DocumentError: 'Documents',
	IngestError: 'Ingest',
	DistillationError: 'Distillation',
	AnsweringError: 'Cited answers',
	EvaluationError: 'Evaluation',
	ExperimentError: 'Experiments',
	DatabaseError: 'Databases of records and experiments',
	PackError: 'Installation of the pack',
};

/** The text of a message with "…" for what is filled in; undefined when it is put together elsewhere. */
function textOf(node) {
	if (ts.isStringLiteralLike(node)) return node.text;
	if (ts.isTemplateExpression(node))
		return node.templateSpans.reduce((text, span) => `${text}…${span.literal.text}`, node.head.text);
	if (ts.isParenthesizedExpression(node)) return textOf(node.expression);
	if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
		return `${textOf(node.left) ?? '…'}${textOf(node.right) ?? '…'}`;
	return undefined;
}

/** [class, kind, message] of every `new …Error(…)` in a file. */
function messagesIn(file) {
	const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
	const found = [];
	const visit = (node) => {
		if (ts.isNewExpression(node) && node.expression.text in TITLES) {
			const name = node.expression.text;
			const texts = (node.arguments ?? []).slice(0, 2).map(textOf);
			const [kind, message] = name === 'InputError' ? ['invalidInput', texts[0]] : texts;
			if (kind && message && /\w \w/.test(message)) found.push([name, kind, message]);
		}
		ts.forEachChild(node, visit);
	};
	visit(source);
	return found;
}

const files = ['lib', 'nodes'].flatMap((folder) =>
	[...filesBelow(inRoot(folder))].filter((file) => file.endsWith('.ts')),
);
const messages = files.flatMap(messagesIn);
const sections = Object.entries(TITLES).map(([name, title]) => {
	const rows = messages
		.filter(([thrown]) => thrown === name)
		.map(([, kind, message]) => `| ${kind} | ${cell(message)} |`);
	return `## ${title}\n\n| kind | message |\n| --- | --- |\n${[...new Set(rows)].sort().join('\n')}\n`;
});
const page = `# Every message

Written by \`npm run docs:errors\` from the sources; "…" stands for what is filled in. What the kinds mean and what to do:
[troubleshooting](troubleshooting.md).

${sections.join('\n')}`;
const target = inRoot('docs', 'error-messages.md');
const options = await prettier.resolveConfig(target);
writeFileSync(target, await prettier.format(page, { ...options, parser: 'markdown' }));
console.log(`${messages.length} messages → ${path.relative(inRoot(), target)}`);
