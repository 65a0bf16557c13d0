import { escapeTableCell, formatCount } from '../../support';
import type { Manifest } from './manifest';

/** Buckets of the Hub's `size_categories`. */
function sizeCategory(rows: number): string {
	const steps: ReadonlyArray<readonly [number, string]> = [
		[1e3, 'n<1K'],
		[1e4, '1K<n<10K'],
		[1e5, '10K<n<100K'],
		[1e6, '100K<n<1M'],
		[1e7, '1M<n<10M'],
	];
	return steps.find(([most]) => rows < most)?.[1] ?? 'n>10M';
}

/** JSON text is YAML, and needs no thought about quoting. */
const yaml = (value: string) => JSON.stringify(value);

function table(head: readonly string[], rows: ReadonlyArray<ReadonlyArray<string | number>>): string {
	const line = (cells: ReadonlyArray<string | number>) =>
		`| ${cells.map((cell) => escapeTableCell(String(cell))).join(' | ')} |`;
	return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** The data set's card: a README.md with the front matter that the Hugging Face Hub and `datasets` read. */
export function dataSetCard(manifest: Manifest): string {
	const splits = [...new Set(manifest.files.map((file) => file.split))];
	const licences = [...new Set(manifest.teachers.map((teacher) => teacher.licence))];
	const front = [
		'---',
		`pretty_name: ${yaml(manifest.name)}`,
		`license: ${licences.length === 1 && licences[0] !== undefined && /^[a-z0-9.-]+$/i.test(licences[0]) ? licences[0].toLowerCase() : 'other'}`,
		`size_categories:\n- ${sizeCategory(manifest.rows)}`,
		'task_categories:\n- text-generation',
		'tags:\n- distillation\n- n8n',
		'configs:\n- config_name: default\n  data_files:',
		...splits.map((split) => {
			const paths = manifest.files
				.filter((file) => file.split === split)
				.map((file) => `    - ${yaml(file.path)}`);
			return [`  - split: ${split}`, '    path:', ...paths].join('\n');
		}),
		'---',
	];
	const parts = [
		front.join('\n'),
		`# ${manifest.name.replace(/[\r\n]/g, ' ')}`,
		`${formatCount(manifest.rows)} rows, ${formatCount(manifest.tokens)} tokens (${manifest.tokensAre}), in the format [${manifest.format.title}](${manifest.format.reference}). Made by n8n-nodes-local-engine on ${manifest.createdAt}.`,
		'## Files',
		table(
			['file', 'split', 'rows', 'tokens', 'sha256'],
			manifest.files.map((file) => [file.path, file.split, file.rows, file.tokens, file.sha256]),
		),
		'## Where the answers come from',
		table(
			['model', 'licence', 'records'],
			manifest.teachers.map((teacher) => [teacher.model, teacher.licence, teacher.records]),
		),
	];
	if (manifest.funnel !== undefined) {
		const { funnel } = manifest;
		parts.push(
			'## How it was curated',
			`${formatCount(funnel.input)} records went in, ${formatCount(funnel.kept)} were kept. Splits are drawn by groups: near-duplicates, one conversation and one source document are on the same side.`,
			table(
				['gate', 'in', 'kept', 'rejected', 'changed', 'reasons'],
				funnel.gates.map((gate) => [
					gate.gate,
					gate.in,
					gate.kept,
					gate.rejected,
					gate.changed,
					Object.entries(gate.reasons)
						.map(([reason, number]) => `${reason}: ${number}`)
						.join(', '),
				]),
			),
		);
	}
	const dropped = Object.entries(manifest.dropped);
	if (dropped.length > 0) {
		parts.push('## What the format could not hold', table(['part', 'records'], dropped));
	}
	const skipped = Object.entries(manifest.skipped);
	if (skipped.length > 0) parts.push('## Records without a row', table(['reason', 'records'], skipped));
	if (manifest.warnings.length > 0)
		parts.push('## Warnings', manifest.warnings.map((warning) => `- ${warning}`).join('\n'));
	parts.push(
		'Each data file has its lineage beside it (workflow, node, execution and prompt hash of every row); `manifest.json` has the settings.',
	);
	return `${parts.join('\n\n')}\n`;
}
