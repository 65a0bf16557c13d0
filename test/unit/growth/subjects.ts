import {
	checkCitations,
	checkGrounding,
	createExtractiveAnswerer,
	passageLine,
} from '../../../lib/answering';
import { quotableSentences } from '../../../lib/answering/quotable';
import { withQuotes } from '../../../lib/answering/quotes';
import { splitSentences } from '../../../lib/answering/sentences';
import { wordShares } from '../../../lib/answering/similarity';
import { addContext, chunkPreview, chunkSync, type ChunkOptions } from '../../../lib/chunking';
import { codePlaces } from '../../../lib/chunking/codePlaces';
import { CODE_LANGUAGES } from '../../../lib/chunking/codeLanguages';
import { cleanAnswer } from '../../../lib/chunking/context/prompts';
import { createHeadingTracker } from '../../../lib/chunking/context/headings';
import { misalignment } from '../../../lib/chunking/late/pool';
import { joinedSentences, sentencePieces } from '../../../lib/chunking/semantic/pieces';
import {
	importFeedback,
	importLogs,
	NearDuplicateIndex,
	personalDataFinder,
	recordFrom,
	toFeedback,
	toRecord,
} from '../../../lib/distillation';
import { refusalGate } from '../../../lib/distillation/curate/answerGates';
import { buildGates } from '../../../lib/distillation/curate/options';
import { MinHasher, WordHasher } from '../../../lib/distillation/curate/minhash';
import { readShape } from '../../../lib/distillation/import/shapes';
import { schemaProblem } from '../../../lib/distillation/sameAnswer';
import { detectKind } from '../../../lib/documents';
import { decodeHead, decodeText } from '../../../lib/documents/decode';
import { VisibleText } from '../../../lib/documents/formats/doc/visibleText';
import { EmbeddedFiles } from '../../../lib/documents/formats/embedded';
import { loadHtmlReader } from '../../../lib/documents/formats/html';
import { openPages } from '../../../lib/documents/formats/ocr/kept';
import { DocumentWriter } from '../../../lib/documents/formats/writer';
import { multilingualEncoder } from '../../../lib/embedding/encoderModel';
import { countTokens, staticTokenVectors, tokenize } from '../../../lib/embedding/tokens';
import { fitText } from '../../../lib/embedding/tooLong';
import { choiceOf, sharesOf } from '../../../lib/engine/classify';
import { alignTokens } from '../../../lib/engine/embedding/alignTokens';
import { planBatches } from '../../../lib/engine/embedding/batches';
import { ThinkSplitter } from '../../../lib/engine/stream/thinkSplitter';
import { ndjsonReader, sseReader } from '../../../lib/engine/transport/frames';
import { Transport } from '../../../lib/engine/transport/transport';
import { failureOfAnswer, kindOf } from '../../../lib/engine/wire/failure';
import { toForm } from '../../../lib/engine/wire/multipart';
import { gauge, meanGauge } from '../../../lib/engine/wire/openai';
import { withCopies } from '../../../lib/evaluation/copies';
import { gradeByPassages } from '../../../lib/evaluation/passages';
import { DOCUMENT_LIMITS } from '../../../lib/ingest/documents';
import { createSecretRedactor, estimateTokens, readLines, retryAfterMs, sha256 } from '../../../lib/support';
import { checkSchema } from '../../../lib/support/schema';
import { leavesOf, valueFacet } from '../../../lib/vectorIndex/filter/facets';
import { parseFilter } from '../../../lib/vectorIndex/filter/parse';
import { preparePoint } from '../../../lib/vectorIndex/point';
import { translate } from '../../../lib/vectorIndex/embedded/lance';
import { documentVector, queryVector } from '../../../lib/vectorIndex/qdrant/sparse';
import { codesOf, queryTermsOf, TermLines, termsOf } from '../../../lib/vectorIndex/terms';
import { DOCUMENT_SUBJECTS } from './documentSubjects';
import { zeroReader } from './zeroVectors';
import type { Counted, Subject } from './measure';

/** Characters of the largest text that each kind of input may have. */
export const MOST = {
	/** Documents and bodies of requests: 1 MiB stands for the 64 that are allowed; growth that is linear so far stays so. */
	document: 1 << 20,
	/** A record, an answer of a model, the body of a webhook. */
	record: 1 << 18,
	/** What an engine says about a failure, and what runs once for each label or token of it. */
	answer: 1 << 16,
	/** Questions, names, paths, headers. */
	short: 1 << 14,
} as const;

export interface Entry {
	readonly most: number;
	readonly run: Subject;
	/** The process's where the work is done in a thread of its own; this thread's by default. */
	readonly counted?: Counted;
}

const document = (run: Subject): Entry => ({ most: MOST.document, run });
const record = (run: Subject): Entry => ({ most: MOST.record, run });
const answer = (run: Subject): Entry => ({ most: MOST.answer, run });
const short = (run: Subject): Entry => ({ most: MOST.short, run });

const chunked = (method: ChunkOptions['method'], more: Partial<ChunkOptions> = {}): Entry =>
	document((text) => chunkSync(text, { method, size: 500, ...more }));

const passages = (text: string) => [{ text, source: 'a.md' }];
const sent = (text: string) => ({
	messages: [{ role: 'user', content: text }],
	tools: [{ name: 'a', description: text }],
	answer: { content: text, toolCalls: [{ id: '1', name: 'a', arguments: text }] },
	labels: { a: text },
});
const redactor = createSecretRedactor(['hunter22hunter', 'pw1']);
const transport = new Transport({ baseUrl: 'http://127.0.0.1:1', apiKey: 'hunter22hunter', connectMs: 1 });
const answerer = createExtractiveAnswerer(() => zeroReader);
/** Made at first use: what is loaded later than the last test would be loaded into nothing. */
let gates: ReturnType<typeof buildGates> | undefined;

async function judged(gate: string, text: string): Promise<void> {
	gates ??= buildGates({ language: { allow: ['en'] } }, undefined);
	const { before, after } = await gates;
	const found = [...before, ...after].find(({ name }) => name === gate);
	if (found === undefined) throw new Error(`There is no gate ${gate}.`);
	if ('judge' in found) found.judge(toRecord(sent(text)));
	else await found.judgeAll([toRecord(sent(text))], undefined);
}

/** Each function that is fed by hand, because it takes more than a text; the others are called with the text alone. */
export const SUBJECTS: Readonly<Record<string, Entry>> = {
	'answering/citations.ts checkCitations': record((text) => checkCitations(text, passages('a'))),
	'answering/grounding.ts checkGrounding': answer((text) => checkGrounding(text, passages(text))),
	'answering/passageText.ts passageLine': document((text) => passageLine(1, { source: text }, text)),
	'answering/quotable.ts quotableSentences': record((text) => quotableSentences(passages(text))),
	'answering/quotes.ts withQuotes': answer((text) =>
		withQuotes(`${text} [1]`, [{ marker: 1, text, source: 'a.md' }]),
	),
	'answering/sentences.ts splitSentences': record((text) => splitSentences(text)),
	'answering/similarity.ts wordShares': record((text) => wordShares(text, [text])),
	'answering/answerer.ts createExtractiveAnswerer': answer((text) => answerer(passages(text), text)),
	'chunking/chunk.ts chunkSync': chunked('recursive', { overlap: 50 }),
	'chunking/chunk.ts chunkSync fixed': chunked('fixed'),
	'chunking/chunk.ts chunkSync sentence': chunked('sentence'),
	'chunking/chunk.ts chunkSync window': chunked('sentence', { window: 2 }),
	'chunking/chunk.ts chunkSync markdown': chunked('markdown', { parentSize: 2000 }),
	'chunking/chunk.ts chunkSync code': chunked('code', { language: 'auto' }),
	'chunking/chunk.ts chunkSync tokens': record((text) =>
		chunkSync(text, { method: 'recursive', size: 200, unit: 'o200k' }),
	),
	'chunking/chunk.ts chunkSync separators': chunked('recursive', { separators: ['|', '\n', '. '] }),
	'chunking/codePlaces.ts codePlaces': document((text) => codePlaces(text, CODE_LANGUAGES.python)),
	'chunking/context/headings.ts createHeadingTracker': document((text) => {
		const headingsOf = createHeadingTracker(text);
		for (const chunk of chunkSync(text, { method: 'fixed', size: 500 })) headingsOf(chunk);
	}),
	'chunking/context/index.ts addContext': document((text) =>
		addContext(chunkSync(text, { method: 'fixed', size: 500 }), text, { kind: 'headings' }),
	),
	'chunking/context/prompts.ts cleanAnswer': answer((text) => cleanAnswer(text, 120)),
	'chunking/late/pool.ts misalignment': answer((text) => misalignment(text, { vectors: [], offsets: [] })),
	'chunking/preview.ts chunkPreview': record((text) =>
		chunkPreview(text, [...chunkSync(text, { method: 'fixed', size: 500 })]),
	),
	'chunking/semantic/pieces.ts sentencePieces': document((text) => sentencePieces(text, 500)),
	'chunking/semantic/pieces.ts joinedSentences': document((text) => joinedSentences(text, 100, 500)),
	'distillation/curate/answerGates.ts refusalGate': record((text) => {
		const gate = refusalGate();
		if ('judge' in gate) gate.judge(toRecord(sent(text)));
	}),
	'distillation/curate/options.ts buildGates toolCalls': answer((text) => judged('toolCalls', text)),
	'distillation/curate/options.ts buildGates length': record((text) => judged('length', text)),
	'distillation/curate/options.ts buildGates language': record((text) => judged('language', text)),
	'distillation/curate/options.ts buildGates personalData': answer((text) => judged('personalData', text)),
	'distillation/curate/personalData.ts personalDataFinder': answer(async (text) =>
		(await personalDataFinder())(text),
	),
	'distillation/curate/minhash.ts WordHasher.read': record((text) => new WordHasher().read(text)),
	'distillation/curate/minhash.ts MinHasher.sign': answer((text) => new MinHasher().sign(text)),
	'distillation/curate/nearDuplicates.ts NearDuplicateIndex.add': answer((text) => {
		const index = new NearDuplicateIndex();
		index.add(text);
		index.add(`${text} `);
	}),
	'distillation/import/logs.ts importLogs': record((text) => importLogs([text])),
	'distillation/import/logs.ts importFeedback': record((text) => importFeedback([text])),
	'distillation/import/logs.ts recordFrom': record((text) => recordFrom(sent(text))),
	'support/lines.ts readLines': document((text) => readLines([text])),
	'distillation/record.ts toRecord': record((text) => toRecord(sent(text))),
	'distillation/record.ts toFeedback': record((text) =>
		toFeedback({ record: 'x', correction: text, comment: text }),
	),
	'distillation/import/shapes.ts readShape': record((text) =>
		readShape({ messages: text, input: text }, 'auto'),
	),
	'support/retryAfter.ts retryAfterMs': short((text) => retryAfterMs(text)),
	'distillation/sameAnswer.ts schemaProblem': record((text) => schemaProblem({ type: 'object' }, text)),
	'documents/decode.ts decodeText': document((text) => decodeText(Buffer.from(text, 'latin1'), 'html')),
	'documents/decode.ts decodeHead': short((text) => decodeHead(Buffer.from(text), 'utf-8')),
	'documents/detect.ts detectKind': short((text) => detectKind(Buffer.from(text), text, text)),
	'documents/formats/doc/visibleText.ts VisibleText.of': document((text) => {
		const body = text.replaceAll('a', '\x13b\x14c\x15');
		return new VisibleText({ footnotes: [], endnotes: [] }).of(body, 0, body.length);
	}),
	'documents/formats/ocr/kept.ts openPages': document((text) => openPages(text, Buffer.alloc(32))),
	'documents/formats/embedded.ts EmbeddedFiles.take': document((text) => new EmbeddedFiles().take('a', text)),
	'documents/formats/html/index.ts loadHtmlReader': document(async (text) =>
		(await loadHtmlReader())(text, new DocumentWriter(DOCUMENT_LIMITS.textLength)),
	),
	...Object.fromEntries(DOCUMENT_SUBJECTS.map(([name, run]) => [name, record(run)])),
	'embedding/sentencePiece/index.ts SentencePiece.scan': answer(async (text) => {
		const scan = (await multilingualEncoder.tokenizer()).scan(text);
		while (scan.advance(true));
	}),
	'embedding/tokens.ts countTokens': record((text) => countTokens(text)),
	'embedding/tokens.ts tokenize': record((text) => tokenize(text)),
	'embedding/tokens.ts staticTokenVectors': answer((text) => staticTokenVectors(text)),
	'embedding/tooLong.ts fitText': record((text) =>
		fitText(text, { maxTokens: 256, onTooLong: 'mean', countTokens: estimateTokens }),
	),
	'engine/classify.ts choiceOf': answer((text) => choiceOf(text, ['a', 'b b', '[1'])),
	'engine/classify.ts sharesOf': answer((text) =>
		sharesOf([{ token: text, logprob: 0, top: [{ token: text, logprob: 0 }] }], ['a']),
	),
	'engine/embedding/alignTokens.ts alignTokens': answer((text) =>
		alignTokens(
			text,
			Array.from({ length: text.length / 4 }, (_, at) => ({ id: at, piece: text.slice(at * 4, at * 4 + 4) })),
		),
	),
	'engine/embedding/batches.ts planBatches': answer((text) =>
		planBatches([...text], 16, 500, estimateTokens),
	),
	'engine/stream/thinkSplitter.ts ThinkSplitter.feed': record((text) => {
		const splitter = new ThinkSplitter();
		splitter.feed('<think>');
		for (let at = 0; at < text.length; at += 16) splitter.feed(text.slice(at, at + 16));
		splitter.end();
		splitter.take();
	}),
	'engine/transport/frames.ts sseReader': record((text) => {
		const reader = sseReader(() => undefined);
		for (let at = 0; at < text.length; at += 64) reader.onText(text.slice(at, at + 64));
	}),
	'engine/transport/frames.ts ndjsonReader': record((text) => {
		const reader = ndjsonReader(() => undefined);
		for (let at = 0; at < text.length; at += 64) reader.onText(text.slice(at, at + 64));
		reader.onEnd();
	}),
	'engine/transport/transport.ts Transport.redact': record((text) => transport.redact(text)),
	'engine/wire/failure.ts kindOf': short((text) => kindOf(500, text)),
	'engine/wire/failure.ts failureOfAnswer': record((text) =>
		failureOfAnswer({ status: 500 }, text, {
			engine: 'a',
			baseUrl: 'b',
			redact: (words) => transport.redact(words),
		}),
	),
	'engine/wire/multipart.ts toForm': record((text) =>
		toForm({ prompt: text }, { field: 'file', name: text, mediaType: text, bytes: Buffer.from(text) }),
	),
	'engine/wire/openai.ts gauge': record((text) => gauge(text, 'vllm:num_requests_running')),
	'engine/wire/openai.ts meanGauge': record((text) => meanGauge(text, 'a')),
	'evaluation/copies.ts withCopies': document((text) =>
		withCopies(
			[{ id: '1', text: '', passages: [{ source: 'a', start: 0, end: 100 }] }],
			new Map([['a', text]]),
		),
	),
	'evaluation/passages.ts gradeByPassages': answer((text) =>
		gradeByPassages([{ id: 'a', source: 'a', start: 0, end: 9 }], [{ source: text, start: 0, end: 9 }]),
	),
	'support/hash.ts sha256': document((text) => sha256(text)),
	'support/schema/index.ts checkSchema': {
		...answer((text) =>
			checkSchema(
				{ type: 'string', pattern: '^(a+)+$', anyOf: [{ pattern: '(\\s*\\|\\s*)+x' }, true] },
				text,
			),
		),
		counted: 'process',
	},
	'support/secrets/index.ts createSecretRedactor': record((text) => redactor.text(text)),
	'support/secrets/index.ts createSecretRedactor deep': record((text) => redactor.deep({ [text]: [text] })),
	'vectorIndex/embedded/lance.ts translate': answer((text) => translate(new Error(text), 'Reading')),
	'vectorIndex/filter/facets.ts valueFacet': answer((text) => valueFacet('a', text)),
	'vectorIndex/filter/facets.ts leavesOf': answer((text) => leavesOf({ [text]: text })),
	'vectorIndex/filter/parse.ts parseFilter': short((text) =>
		parseFilter({ a: text, [text.slice(0, 400)]: { in: [text] } }),
	),
	'vectorIndex/point.ts preparePoint': record((text) =>
		preparePoint(
			{ id: 'a', source: 'a', text, vector: new Float32Array(4), metadata: { a: text.slice(0, 10_000) } },
			{ dimensions: 4, fingerprint: 'f' },
		),
	),
	'vectorIndex/qdrant/sparse.ts documentVector': answer((text) => documentVector(termsOf(text))),
	'vectorIndex/qdrant/sparse.ts queryVector': answer((text) => queryVector(queryTermsOf(text))),
	'vectorIndex/terms/line.ts TermLines.add': answer((text) => new TermLines(0).add(text)),
	'vectorIndex/terms/index.ts queryTermsOf': answer(queryTermsOf),
	'vectorIndex/terms/index.ts codesOf': answer(codesOf),
};
