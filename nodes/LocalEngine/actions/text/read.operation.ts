import type { IDataObject } from 'n8n-workflow';
import { partCount, partsOf, tablesOf, type DocumentTable, type PartPlace } from '../../../../lib/documents';
import { inspectDocument, type Inspection } from '../../../../lib/ingest';
import { binaryField } from '../../../shared/fields/binaryField';
import { optionsField } from '../../../shared/fields/optionsField';
import { InputError } from '../../../shared/runtime/errors';
import { fileBytes } from '../../../shared/runtime/files';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import type { ItemResult } from '../../../shared/runtime/outputs';

export const readFile: Operation = {
	option: {
		name: 'Read Document',
		value: 'read',
		action: 'Read the text of a document',
		description:
			'Turns a file into text and tables: PDF, Word, Excel, PowerPoint, OpenDocument, mail, web page, scan, picture',
	},
	fields: [
		binaryField('Name of the input field that holds the file to read'),
		{
			displayName: 'Output',
			name: 'readOutput',
			type: 'options',
			default: 'perFile',
			description: 'What each output item contains',
			options: [
				{
					name: 'One Item per File',
					value: 'perFile',
					description: 'The whole text, and the tables as a list',
				},
				{
					name: 'One Item per Page, Slide or Sheet',
					value: 'perPart',
					description: 'The text of each, with its number or name. A file without pages gives one item.',
				},
				{
					name: 'One Item per Table Row',
					value: 'perRow',
					description: 'Each row of each table, sheet or CSV file. "row" has a field for each column.',
				},
			],
		},
		optionsField(),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const field = item.text('binaryField');
			const { fileName: name, mimeType } = item.file(field);
			const found = await inspectDocument(
				{ source: name ?? field, file: { data: fileBytes(run.context, item, field), name, mimeType } },
				item.signal,
			);
			const about = factsOf(found);
			switch (item.choice('readOutput')) {
				case 'perPart':
					return partsOf(found).map(
						({ place, text }): ItemResult => ({
							json: { ...about, ...placeOf(place), text },
							isPart: true,
						}),
					);
				case 'perRow':
					return rowItems(await tablesOf(found), name ?? field);
				default: {
					const tables = (await tablesOf(found)).map(({ place, columns, rows }) => ({
						...placeOf(place),
						columns,
						rows,
					}));
					return { json: { ...about, text: found.text, tables } };
				}
			}
		}),
};

/** What is known of the file besides its text. */
function factsOf(found: Inspection): IDataObject {
	const { kind, title, metadata, warnings } = found;
	const count = partCount(found);
	return {
		type: kind,
		...(title !== undefined && { title }),
		...(count !== undefined && { parts: count }),
		...(metadata && { metadata: { ...metadata } }),
		...(warnings.length > 0 && { warnings: [...warnings] }),
	};
}

const placeOf = (place: PartPlace | undefined): IDataObject => (place ? { [place.field]: place.label } : {});

function rowItems(tables: readonly DocumentTable[], name: string): ItemResult[] {
	const rows = tables.flatMap(({ columns, rows: lines, place }, at) =>
		lines.map((cells) => ({
			json: {
				...{ table: at + 1, ...placeOf(place) },
				row: Object.fromEntries(columns.map((column, position) => [column, cells[position] ?? ''])),
			},
			isPart: true,
		})),
	);
	if (rows.length > 0) return rows;
	throw new InputError(`The file "${name}" has no table. Choose another output, or check the file.`);
}
