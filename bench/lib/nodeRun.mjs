// Runs an operation of a built node outside n8n, with the defaults of its description: what an evaluation measures is then
// what a user gets who changes nothing.
import { createRequire } from 'node:module';
import { dist, moduleOf } from './modules.mjs';

const require = createRequire(import.meta.url);

/**
 * @param {string} name of the node, for example VectorIndex
 * @returns {(parameters: object, items: object[]) => Promise<object[]>} runs it with these parameters, the others at their
 * defaults, on items of this JSON; resolves to the JSON of the output items
 */
export function nodeRunner(name) {
	const type = typeOf(name);
	return async (parameters, items) => {
		const { node, all } = filledIn(name, type, parameters);
		const [output] = await type.execute.call(contextOf({ node, parameters: all, items }));
		return output.map(({ json }) => json);
	};
}

/** The fields of an operation as they are when nobody changes them. */
const defaultsOf = (name, parameters) => filledIn(name, typeOf(name), parameters).all;

/** The embedder of an index that Sync Documents creates with its defaults. */
export function defaultEmbedder() {
	const { embedding } = defaultsOf('VectorIndex', { resource: 'documents', operation: 'sync' });
	// builtinMultilingual is the tier "multilingual".
	const tier = embedding.replace(/^builtin/, '').toLowerCase();
	return moduleOf('embedding').builtinEmbedder({ tier });
}

const typeOf = (name) => new (require(`${dist}/nodes/${name}/${name}.node.js`)[name])();

/** The node as n8n would store it, and all of its fields: those given, the others at their defaults. */
function filledIn(name, type, parameters) {
	const { NodeHelpers } = require('n8n-workflow');
	const node = {
		id: name,
		name,
		type: `n8n-nodes-local-engine.${type.description.name}`,
		typeVersion: [type.description.version].flat().at(-1),
		position: [0, 0],
		parameters,
	};
	const all = NodeHelpers.getNodeParameters(
		type.description.properties,
		parameters,
		...[true, false, node, type.description],
	);
	const unknown = Object.keys(parameters).find((key) => !(key in all));
	if (unknown) throw new Error(`The node ${name} has no field "${unknown}" with these settings.`);
	return { node, all };
}

/** As much of n8n's execution context as the operations use; without a credential, as for a new user. */
function contextOf({ node, parameters, items }) {
	const logger = { info() {}, debug() {}, warn: console.error, error: console.error };
	return {
		getNode: () => node,
		getInputData: () => items.map((json) => ({ json })),
		getNodeParameter: (path, itemIndex, fallback, options = {}) => {
			const value = path.split('.').reduce((at, key) => at?.[key], parameters) ?? fallback;
			return options.extractValue && value?.__rl ? value.value : value;
		},
		continueOnFail: () => false,
		getCredentials: async () => {
			throw new Error('There is no credential here.');
		},
		getExecutionCancelSignal: () => undefined,
		getExecutionId: () => 'evaluation',
		getWorkflow: () => ({ id: 'evaluation', name: 'evaluation', active: false }),
		getMode: () => 'trigger',
		getTimezone: () => 'UTC',
		addExecutionHints: () => {},
		sendMessageToUI: () => {},
		logger,
		helpers: {},
	};
}
