import type { BaseChatModelCallOptions, BindToolsInput } from '@langchain/core/language_models/chat_models';

/** What a call of the chat model may carry besides its messages. */
export interface ChatModelCallOptions extends BaseChatModelCallOptions {
	tools?: BindToolsInput[];
	/** OpenAI's form: text, json_object, or json_schema. */
	response_format?: { readonly [key: string]: unknown };
}
