import { asArray, asNumber, asObject, asString, compact, isObject } from '../../support';
import type { HttpRequest } from '../transport/transport';
import type { ModelInfo } from '../types/operations';
import type { Json } from '../wire/json';
import { openaiChat, openaiEmbed } from '../wire/openai';
import { TAKES } from '../wire/extras';
import type { Ask, DialectSpec, PullState } from './dialect';

/** LM Studio 0.4's own REST API (/api/v1) beside OpenAI's routes; lmstudio.ai/docs/developer/rest. */

export const lmstudio: DialectSpec = {
	dialect: 'lmstudio',
	label: 'LM Studio',
	takes: TAKES.lmstudio,
	can: new Set([
		'chat',
		'embed',
		'tools',
		'images',
		'jsonSchema',
		'seed',
		'stop',
		'reasoningEffort',
		'pull',
		'load',
		'unload',
	]),
	// On overflow it may answer 200 with an empty stream.
	emptyIsError: true,
	chat: openaiChat({ reasoningField: 'reasoning_content', reasoningSwitch: 'effort' }),
	embed: openaiEmbed('float', false),
	models,
	healthyWhileBusy: true,
	health: { method: 'GET', path: '/api/v1/models' },
	operations: {
		pull: {
			request: (model) => ({ method: 'POST', path: '/api/v1/models/download', body: { model } }),
			status: (job) => ({
				method: 'GET',
				path: `/api/v1/models/download/status/${encodeURIComponent(job)}`,
			}),
			read: pullState,
		},
		load: (model, { contextSize }) => ({
			method: 'POST',
			path: '/api/v1/models/load',
			body: { model, ...(contextSize === undefined ? {} : { context_length: contextSize }) },
		}),
		unload,
	},
};

/** `paused` is no end: a person may let it go on in the window of LM Studio. */
function pullState(answer: Json): PullState | undefined {
	const row = asObject(answer);
	const status = asString(row?.status);
	if (status === undefined) return undefined;
	const finished = status === 'completed' || status === 'already_downloaded';
	return compact<PullState>({
		job: asString(row?.job_id),
		status,
		done: asNumber(row?.downloaded_bytes),
		total: asNumber(row?.total_size_bytes),
		end: finished ? 'finished' : status === 'failed' ? 'failed' : undefined,
		words: asString(asObject(row?.error)?.message) ?? asString(row?.error),
	});
}

/** Instances are unloaded, not models: one that was loaded twice has two, with names of their own. */
async function unload(model: string, ask: Ask): Promise<HttpRequest[]> {
	const { json } = await ask({ method: 'GET', path: '/api/v1/models' });
	const row = asArray(asObject(json)?.models).find((one) => isObject(one) && one.key === model);
	const instances = asArray(asObject(row)?.loaded_instances)
		.map((instance) => asString(asObject(instance)?.id))
		.filter((id) => id !== undefined);
	// A name that is no model's may be an instance's.
	return (row === undefined ? [model] : instances).map((id) => ({
		method: 'POST',
		path: '/api/v1/models/unload',
		body: { instance_id: id },
	}));
}

/** The context that counts is that of the loaded instance, not the model's. */
async function models(ask: Ask): Promise<Omit<ModelInfo, 'engine'>[]> {
	const { json } = await ask({ method: 'GET', path: '/api/v1/models' });
	return asArray(asObject(json)?.models)
		.filter(isObject)
		.map((row) => {
			const instance = asObject(asArray(row.loaded_instances)[0]);
			const capabilities = asObject(row.capabilities);
			return compact({
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
