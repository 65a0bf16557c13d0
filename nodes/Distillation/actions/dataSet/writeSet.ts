import { createReadStream } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { IBinaryKeyData, IDataObject, IExecuteFunctions } from 'n8n-workflow';
import {
	answerIn,
	exportDataSet,
	funnelHtml,
	LEAST_ROWS,
	questionIn,
	rejectedExamples,
	temporaryFolder,
	type Compression,
	type CuratedSet,
	type Manifest,
	type RejectedRecord,
} from '../../../../lib/distillation';
import { jsonCopy, type CallContext, privateFolder, shortened } from '../../../../lib/support';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import type { ItemResult } from '../../../shared/runtime/outputs';
import { showReport } from '../../../shared/runtime/reports';
import { distillationDirectoryOf, temporaryFolderOf } from '../../../shared/runtime/recordStores';
import { dataDirectory } from '../../../shared/runtime/dataDirectory';
import type { Run } from '../../../shared/runtime/run';
import { countingOf } from '../../shared/tokens';

/** Characters of the questions and answers of rejected records in the item. */
const TEXT_SHOWN = 500;

/** Folders of this machine that n8n lets workflows write to. */
const foldersOfHost = (): string[] =>
	(process.env.N8N_RESTRICT_FILE_ACCESS_TO ?? '')
		.split(';')
		.map((folder) => folder.trim())
		.filter((folder) => folder !== '');

/** Writes a curated set where the node says: into a folder, or into the item. */
export async function write(
	run: Run,
	item: NodeItem,
	set: CuratedSet,
	call: CallContext,
): Promise<ItemResult> {
	const { context } = run;
	const name = item.text('dataSetName');
	const fileType = item.choice('fileType');
	const inItem = item.choice('target') === 'item';
	const given = inItem ? '' : (item.optionalText('folder') ?? '');
	const distillation = await distillationDirectoryOf(item);
	const own = path.join(distillation, 'data-sets');
	const temporary = inItem
		? await temporaryFolder(await temporaryFolderOf(item), 'local-engine-data-set-')
		: undefined;
	if (temporary === undefined) await privateFolder(own);
	try {
		const { folder, manifest } = await exportDataSet(
			set.records(),
			{
				format: item.choice('exportFormat'),
				name,
				folder: temporary === undefined ? given || path.join(own, name) : path.join(temporary, 'set'),
				allowedFolders: temporary === undefined ? [own, ...foldersOfHost()] : [temporary],
				// A folder that the host allows may contain the pack's own, with the data of other spaces.
				closedFolder: dataDirectory(),
				container: fileType === 'parquet' ? 'parquet' : 'jsonl',
				compression: (fileType === 'gzip' || fileType === 'zstd' ? fileType : 'none') satisfies Compression,
				funnel: set.funnel,
				leastRows: item.optionalNumber('options.leastRows') ?? LEAST_ROWS,
				...countingOf(item),
				settings: {
					gates: jsonCopy(context.getNodeParameter('options', item.index, {})) as Record<string, never>,
					workflow: context.getWorkflow().id ?? null,
					execution: context.getExecutionId(),
				},
			},
			call,
		);
		const rejected = await rejectedExamples(set.funnel, set.rejected());
		const { report, file } = await showReport(run, item, {
			title: `Funnel of ${name}`,
			task: 'Build',
			html: funnelHtml(set.funnel, rejected),
			file: 'funnel.html',
		});
		const binary: IBinaryKeyData = {
			funnel: file,
			...(temporary === undefined ? {} : await filesOf(context, folder)),
		};
		const json = summary(rejected, manifest, temporary === undefined ? folder : undefined);
		return { json: { ...json, report }, binary };
	} finally {
		if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
	}
}

/** Every file of the set as binary data, under its name. */
async function filesOf(context: IExecuteFunctions, folder: string): Promise<IBinaryKeyData> {
	const binary: IBinaryKeyData = {};
	for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
		if (!entry.isFile()) continue;
		const file = path.join(entry.parentPath, entry.name);
		const name = path.relative(folder, file).split(path.sep).join('_');
		binary[name.replace(/[^a-zA-Z0-9]/g, '_')] = await context.helpers.prepareBinaryData(
			createReadStream(file),
			name,
		);
	}
	return binary;
}

function summary(
	examples: readonly RejectedRecord[],
	manifest: Manifest,
	folder: string | undefined,
): IDataObject {
	const rejected = examples.map(({ record, gate, reason, detail }) => ({
		...{ id: record.id, gate, reason, detail },
		question: shortened(questionIn(record), TEXT_SHOWN),
		answer: shortened(answerIn(record), TEXT_SHOWN),
	}));
	return jsonCopy({ ...manifest, folder, rejected }) as IDataObject;
}
