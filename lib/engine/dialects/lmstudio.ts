import type { ModelInfo } from '../types';
import { asArray, asNumber, asObject, asString, isObject } from '../wire/json';
import { definedOnly, openaiChat, openaiEmbed } from '../wire/openai';
import type { Ask, DialectSpec } from './dialect';

export const lmstudio: DialectSpec = {
	dialect: 'lmstudio',
	label: 'LM Studio',
	can: new Set([
		'chat',
		'embed',
		'tools',
		'images',
		'jsonSchema',
		'seed',
		'stop',
		'reasoningEffort',
		'load',
		'unload',
	]),
	// On overflow it may answer 200 with an empty stream.
	emptyIsError: true,
	chat: openaiChat({ reasoningField: 'reasoning_content', reasoningSwitch: 'effort' }),
	embed: openaiEmbed('float', false),
	models,
	health: { method: 'GET', path: '/api/v1/models' },
	operations: {
		load: (model, { contextSize }) => ({
			method: 'POST',
			path: '/api/v1/models/load',
			body: { model, ...(contextSize === undefined ? {} : { context_length: contextSize }) },
		}),
		unload: (model) => ({ method: 'POST', path: '/api/v1/models/unload', body: { instance_id: model } }),
	},
};

/** The context that counts is that of the loaded instance, not the model's. */
async function models(ask: Ask): Promise<Omit<ModelInfo, 'engine'>[]> {
	const { json } = await ask({ method: 'GET', path: '/api/v1/models' });
	return asArray(asObject(json)?.models)
		.filter(isObject)
		.map((row) => {
			const instance = asObject(asArray(row.loaded_instances)[0]);
			const capabilities = asObject(row.capabilities);
			return definedOnly({
				id: asString(row.key) ?? '',
				loaded: instance !== undefined,
				contextTokens: asNumber(asObject(instance?.config)?.context_length),
				maxContextTokens: asNumber(row.max_context_length),
				sizeBytes: asNumber(row.size_bytes),
				parameters: asString(row.params_string),
				quantization: asString(asObject(row.quantization)?.name),
				capabilities: [
					row.type === 'embedding' ? 'embedding' : 'chat',
					...(capabilities?.vision === true ? ['vision'] : []),
					...(capabilities?.trained_for_tool_use === true ? ['tools'] : []),
				],
			});
		});
}
