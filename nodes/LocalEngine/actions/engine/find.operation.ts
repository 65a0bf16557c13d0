import { findLocalEngines, programOf } from '../../../../lib/engine';
import { optionsField } from '../../../shared/fields/optionsField';
import { egressOf } from '../../../shared/runtime/egress';
import { InputError } from '../../../shared/runtime/errors';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';

export const find: Operation = {
	option: {
		name: 'Find Local Engines',
		value: 'find',
		action: 'Find the engines on this machine',
		description:
			'Lists the engines that run on this machine, with their models. Asks the usual addresses of Ollama, LM Studio, llama.cpp, LocalAI, vLLM and SGLang.',
	},
	fields: [optionsField()],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const { found, asked, refused } = await findLocalEngines({
				...egressOf(item.context),
				signal: item.signal,
			});
			if (found.length === 0) throw nothingFound(asked, refused);
			return found.map(({ baseUrl, dialect, version, models, needsKey }) => ({
				json: { program: programOf(dialect), baseUrl, version, models: [...models], needsKey },
			}));
		}),
};

function nothingFound(asked: readonly string[], refused: readonly string[]): InputError {
	const hosts = asked.map((address) => new URL(address).host).join(', ');
	return new InputError(
		refused.length === asked.length
			? 'n8n does not allow requests to this machine (N8N_SSRF_PROTECTION_ENABLED). Ask your administrator to allow the address of your engine.'
			: `No engine was found on this machine (asked: ${hosts}). Start your engine, or enter its address in a Local Engine API credential.`,
	);
}
