// Tables of a node's or credential's fields for its page, from the description that n8n's editor shows.

/** What shows no value: headings, notices, the drop-downs that choose the table itself. */
const HIDDEN = new Set(['notice', 'hidden', 'button', 'callout', 'credentials', 'credentialsSelect']);

/** @typedef {import('n8n-workflow').INodeProperties} Field */

/** @param {string} text */
const cell = (text) =>
	text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('<', '&lt;').replace(/\s+/g, ' ').trim();

/** @param {Field} field @returns {Field[]} */
const inner = (field) => /** @type {Field[]} */ (field.options ?? []);

/** The default as a person sees it in the form. @param {Field} field */
function defaultOf(field) {
	const { type, default: value } = field;
	if (type === 'collection' || type === 'fixedCollection' || type === 'filter') return '';
	if (type === 'resourceLocator') return '';
	if (type === 'boolean') return value ? 'on' : 'off';
	if (type === 'options')
		return inner(field).find((choice) => 'value' in choice && choice.value === value)?.name ?? '';
	if (value === '' || value === undefined || value === null || value === '{}') return '';
	return `\`${typeof value === 'object' ? JSON.stringify(value) : String(value)}\``;
}

/** What a field is for, with its choices. @param {Field} field */
function textOf(field) {
	const description = field.description ?? '';
	const ended = description === '' || /[.!?]$/.test(description) ? description : `${description}.`;
	if (field.type !== 'options' && field.type !== 'multiOptions') return ended;
	const choices = inner(field).map(({ name, description: meaning }) =>
		meaning ? `_${name}_ (${meaning.replace(/\.$/, '')})` : `_${name}_`,
	);
	return choices.length === 0 ? ended : `${ended} Choices: ${choices.join(', ')}.`;
}

/**
 * Rows of fields; those inside a collection follow it. What a form shows twice, for two operations or modes, has one row.
 * @param {readonly Field[]} fields @param {string} [prefix] @param {Set<string>} [seen] @returns {string[]}
 */
function rowsOf(fields, prefix = '', seen = new Set()) {
	return fields.flatMap((field) => {
		if (HIDDEN.has(field.type)) return [];
		const name = `${prefix}${field.displayName}`;
		if (field.type === 'collection') return rowsOf(inner(field), `${name} → `, seen);
		const row = `| ${cell(name)} | ${cell(textOf(field))} | ${cell(defaultOf(field))} |`;
		const own = seen.has(row) ? [] : [row];
		seen.add(row);
		if (field.type !== 'fixedCollection') return own;
		const values = inner(field).flatMap((group) => ('values' in group ? group.values : []));
		return [...own, ...rowsOf(/** @type {Field[]} */ (values), `${name} → `, seen)];
	});
}

/** @param {readonly Field[]} fields */
const table = (fields) =>
	['| field | what it is for | default |', '| --- | --- | --- |', ...rowsOf(fields)].join('\n');

/** @param {Field} field @param {string} resource @param {string} operation */
function isShown({ displayOptions }, resource, operation) {
	const { resource: resources, operation: operations } = displayOptions?.show ?? {};
	return (resources?.includes(resource) ?? true) && (operations?.includes(operation) ?? true);
}

/**
 * Markdown: a table of fields, or, for a node with operations, a heading with a table for each of them.
 * @param {{ properties: Field[] }} description
 */
function fieldTables({ properties: all }) {
	const properties = all.filter(({ displayOptions }) => !displayOptions?.show?.['@tool']);
	const resources = properties.find(({ name }) => name === 'resource');
	const fields = properties.filter(({ name }) => name !== 'resource' && name !== 'operation');
	if (!resources) return table(fields);
	return inner(resources)
		.flatMap((resource) => {
			const value = String(/** @type {any} */ (resource).value);
			const operations = properties.filter(
				(property) => property.name === 'operation' && isShown(property, value, ''),
			);
			const lists = properties.filter(
				({ name, displayOptions }) =>
					name === 'operation' && (displayOptions?.show?.resource ?? []).includes(value),
			);
			return (lists.length > 0 ? lists : operations).flatMap(inner).map((operation) => {
				const own = fields.filter((field) =>
					isShown(field, value, String(/** @type {any} */ (operation).value)),
				);
				const what = operation.description ? `${operation.description.replace(/\.$/, '')}.\n\n` : '';
				return `### ${resource.name} → ${operation.name}\n\n${what}${table(own)}`;
			});
		})
		.join('\n\n');
}

/** Pages of docs/fields, and the node or credential each one shows (a file below the root, as built). */
const PAGES = {
	'local-engine': 'nodes/LocalEngine/LocalEngine.node',
	'vector-index': 'nodes/VectorIndex/VectorIndex.node',
	chunker: 'nodes/Chunker/Chunker.node',
	'engine-gateway': 'nodes/EngineGateway/EngineGateway.node',
	distillation: 'nodes/Distillation/Distillation.node',
	experiment: 'nodes/Experiment/Experiment.node',
	reports: 'nodes/Reports/Reports.node',
	'chat-model': 'nodes/ChatModel/ChatModel.node',
	embeddings: 'nodes/Embeddings/Embeddings.node',
	reranker: 'nodes/Reranker/Reranker.node',
	'text-splitter': 'nodes/TextSplitter/TextSplitter.node',
	'vector-store': 'nodes/VectorStore/VectorStore.node',
	'local-engine-credential': 'credentials/LocalEngineApi.credentials',
	'engine-gateway-credential': 'credentials/EngineGatewayApi.credentials',
	'space-credential': 'credentials/LocalEngineSpaceApi.credentials',
};

/**
 * A whole page, before prettier. @param {{ displayName: string, description?: string | { properties: Field[] }, properties: Field[] }} type
 * a credential type, or the description of a node type
 */
const fieldPage = (type) =>
	`# Fields: ${type.displayName}\n\nThis page is made from the node's form by \`npm run docs:fields\`. An empty default means that the field is empty.\n\n${fieldTables(type)}\n`;

module.exports = { cell, fieldPage, PAGES };
