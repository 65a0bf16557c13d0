import type { ChatRequest } from '../types/chat';

/** Fields of OpenAI's protocol beyond the neutral request. */
const OPENAI = ['presence_penalty', 'frequency_penalty', 'logit_bias', 'parallel_tool_calls'];
/** Sampling fields that nearly every local engine has under the same names. */
const SAMPLING = ['top_k', 'min_p'];
const LLAMA_SAMPLING = [
	...['typical_p', 'repeat_penalty', 'repeat_last_n', 'mirostat', 'mirostat_tau', 'mirostat_eta'],
	...['dry_multiplier', 'dry_base', 'dry_allowed_length', 'dry_penalty_last_n', 'dry_sequence_breakers'],
	...['xtc_probability', 'xtc_threshold', 'dynatemp_range', 'dynatemp_exponent', 'top_n_sigma', 'samplers'],
];

/**
 * What engines take in `ChatRequest.extra`, by their own names. Sources: llama.cpp tools/server/README.md, vLLM and SGLang
 * docs (OpenAI-compatible server: extra parameters), Ollama docs/modelfile.md, LM Studio docs (REST API).
 */
export const TAKES = {
	openai: new Set(OPENAI),
	llamacpp: new Set([
		...[
			...OPENAI,
			...SAMPLING,
			...LLAMA_SAMPLING,
			'cache_prompt',
			'id_slot',
			'n_keep',
			'n_probs',
			'min_keep',
		],
		...[
			'ignore_eos',
			't_max_predict_ms',
			'lora',
			'reasoning_format',
			'parse_tool_calls',
			'chat_template_kwargs',
		],
	]),
	vllm: new Set([
		...[...OPENAI, ...SAMPLING, 'repetition_penalty', 'length_penalty', 'min_tokens', 'stop_token_ids'],
		...['include_stop_str_in_output', 'ignore_eos', 'skip_special_tokens', 'spaces_between_special_tokens'],
		...['truncate_prompt_tokens', 'allowed_token_ids', 'bad_words', 'priority', 'cache_salt', 'documents'],
		...['add_generation_prompt', 'continue_final_message', 'mm_processor_kwargs', 'chat_template_kwargs'],
	]),
	sglang: new Set([
		...[...OPENAI, ...SAMPLING, 'repetition_penalty', 'min_tokens', 'stop_token_ids', 'stop_regex'],
		...['no_stop_trim', 'ignore_eos', 'skip_special_tokens', 'continue_final_message', 'lora_path'],
		...['session_params', 'priority', 'chat_template_kwargs'],
	]),
	tensorrt: new Set([
		...OPENAI,
		...SAMPLING,
		'repetition_penalty',
		'min_tokens',
		'stop_token_ids',
		'ignore_eos',
	]),
	lmstudio: new Set([...OPENAI, ...SAMPLING, 'repeat_penalty', 'ttl', 'draft_model']),
	localai: new Set([...OPENAI, ...SAMPLING, 'repeat_penalty', 'typical_p']),
	ollama: new Set([
		...['options', 'keep_alive', 'presence_penalty', 'frequency_penalty', ...SAMPLING],
		...['typical_p', 'repeat_penalty', 'repeat_last_n', 'num_keep'],
	]),
} as const;

/** What of a request's further fields an engine gets, and the names of those that it does not take. */
export function splitExtra(
	{ extra }: ChatRequest,
	takes: ReadonlySet<string> = new Set(),
): { readonly taken?: ChatRequest['extra']; readonly ignored: readonly string[] } {
	if (extra === undefined) return { ignored: [] };
	const names = Object.keys(extra);
	return {
		taken: Object.fromEntries(names.filter((name) => takes.has(name)).map((name) => [name, extra[name]])),
		ignored: names.filter((name) => !takes.has(name)),
	};
}
