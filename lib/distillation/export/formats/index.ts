import type { Format } from '../types';
import { alpaca } from './alpaca';
import { axolotl } from './axolotl';
import { bedrock } from './bedrock';
import { openAiDpo, openAiSft } from './openai';
import { llamaFactoryPreference, llamaFactorySft, shareGpt } from './sharegpt';
import { trlMessages, trlPreference, trlPrompt, trlPromptCompletion, trlStepwise, trlUnpaired } from './trl';

/** Every export format; the menu is made from this list. */
export const FORMATS: readonly Format[] = [
	trlMessages,
	trlPromptCompletion,
	trlPrompt,
	trlPreference,
	trlUnpaired,
	trlStepwise,
	openAiSft,
	openAiDpo,
	bedrock,
	alpaca,
	shareGpt,
	llamaFactorySft,
	llamaFactoryPreference,
	axolotl,
];
