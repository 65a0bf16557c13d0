import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import {
	type EvaluationReport,
	evaluateRetrieval,
	type MetricName,
	metricNames,
} from '../../../../lib/evaluation';
import { renderHtml, renderIntervalChart } from '../../../../lib/experiment';
import { escapeMarkup } from '../../../../lib/support';
import type { SearchQuery } from '../../../../lib/vectorIndex';
import { embedderOfIndex } from '../../../shared/runtime/embedders';
import { errorItem, toNodeError, InputError } from '../../../shared/runtime/errors';
import { indexFields } from '../../../shared/fields/indexFields';
import { openIndexFor } from '../../../shared/runtime/indexes';
import type { Operation } from '../../../shared/runtime/operations';
import { progressFor } from '../../../shared/runtime/progress';
import { questionsOf } from './questionInput';

type Mode = SearchQuery['mode'];
const modeNames: Readonly<Record<Mode, string>> = {
	hybrid: 'Meaning and keywords',
	keyword: 'Keywords',
	vector: 'Meaning',
};

export const evaluate: Operation = {
	option: {
		name: 'Evaluate',
		value: 'evaluate',
		action: 'Evaluate how well an index answers questions',
		description:
			'Asks questions with known answers and reports recall, MRR and nDCG with intervals, and a chart',
	},
	fields: [
		...indexFields,
		{
			displayName:
				'Each item is one question with what a good answer needs: a list of sources, or a list of passages ({ source, start, end }). The log of a webhook will do: name its fields with dots ("body.question", "answer.citations"). Items without a known answer are left out and named in "skipped"; a question asked twice counts once.',
			name: 'questionsNotice',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'Question Field',
			name: 'questionField',
			type: 'string',
			required: true,
			default: 'question',
			description: 'Field of the item that holds the question',
		},
		{
			displayName: 'Expected Sources Field',
			name: 'sourcesField',
			type: 'string',
			default: 'sources',
			description:
				'Field that holds the documents that answer it: a list of names, one name, or the citations of an answer that was good',
		},
		{
			displayName: 'Expected Passages Field',
			name: 'passagesField',
			type: 'string',
			default: 'passages',
			description: 'Field that holds the exact places that answer it: a list of source, start and end',
		},
		{
			displayName: 'Compare',
			name: 'modes',
			type: 'multiOptions',
			default: ['vector', 'keyword', 'hybrid'],
			description: 'The ways of searching to measure',
			options: [
				{ name: 'Keywords', value: 'keyword' },
				{ name: 'Meaning', value: 'vector' },
				{ name: 'Meaning and Keywords', value: 'hybrid' },
			],
		},
		{
			displayName: 'Hits That Count',
			name: 'k',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 100 },
			default: 5,
			description: 'How many of the first hits are looked at (the k of recall@k)',
		},
		{
			displayName: 'Measure the Approximation',
			name: 'annRecall',
			type: 'boolean',
			default: false,
			description: 'Whether to also search exactly and report how much of it the approximate index finds',
		},
	],
	// All items are one examination: the result is a report, not an item each.
	execute: async (context) => {
		try {
			return [[await examine(context)]];
		} catch (error) {
			if (!context.continueOnFail()) throw toNodeError(context.getNode(), error, 0);
			return [[errorItem(context, error, 0)]];
		}
	},
};

async function examine(context: IExecuteFunctions): Promise<INodeExecutionData> {
	const items = context.getInputData();
	const field = (name: string): string => context.getNodeParameter(name, 0) as string;
	const { questions, skipped } = questionsOf(
		items.map(({ json }) => json),
		{ question: field('questionField'), sources: field('sourcesField'), passages: field('passagesField') },
	);
	const index = await openIndexFor(context, 0);
	const { model } = await index.settings();
	const embedder = await embedderOfIndex(context, model, 0);
	const k = context.getNodeParameter('k', 0) as number;
	const annRecall = context.getNodeParameter('annRecall', 0) as boolean;
	const signal = context.getExecutionCancelSignal();
	const reports = new Map<Mode, EvaluationReport>();
	for (const mode of context.getNodeParameter('modes', 0) as Mode[]) {
		reports.set(
			mode,
			await evaluateRetrieval(
				questions,
				async ({ text }) => {
					const vector = mode === 'keyword' ? undefined : await embedder.embedQuery(text, { signal });
					const query = { text, vector, mode, limit: k };
					const hits = await index.search(query, { signal });
					if (!annRecall || mode === 'keyword') return { hits };
					const exact = await index.search({ ...query, exact: true }, { signal });
					return { hits, exact: exact.map(({ id }) => id) };
				},
				{ k },
				{ signal, onProgress: progressFor(context) },
			),
		);
	}
	if (reports.size === 0) throw new InputError('Choose at least one way of searching to measure.');
	const page = reportPage(reports, k, model);
	return {
		json: {
			k,
			questions: questions.length,
			skipped: skipped.map((each) => ({ ...each })),
			model,
			results: [...reports].map(([mode, { metrics, failed }]) => ({
				mode,
				metrics: metrics as IDataObject,
				failed: failed.map((failure) => ({ ...failure })),
			})),
		},
		binary: {
			report: await context.helpers.prepareBinaryData(Buffer.from(page), 'retrieval.html', 'text/html'),
		},
		pairedItem: items.map((_, item) => ({ item })),
	};
}

function reportPage(reports: ReadonlyMap<Mode, EvaluationReport>, k: number, model: string): string {
	const modes = [...reports.keys()];
	const measured = metricNames.filter((name) => modes.some((mode) => reports.get(mode)?.metrics[name]));
	const rows = measured.map((name: MetricName) => ({
		label: name,
		values: modes.map((mode) => reports.get(mode)?.metrics[name]),
	}));
	const title = `Retrieval with ${model}, first ${k} hits`;
	const series = modes.map((mode) => modeNames[mode]);
	const table = renderHtml({
		title,
		columns: ['metric', ...series],
		rows: rows.map(({ label, values }) => ({ label, cells: values })),
		note: 'Per cent, with 95 % intervals over questions.',
	});
	const chart = renderIntervalChart({ title, axis: '%', series, rows });
	return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeMarkup(title)}</title><style>body{font:15px system-ui,sans-serif;margin:24px}td,th{padding:2px 10px}</style></head><body>${table}${chart}</body></html>\n`;
}
