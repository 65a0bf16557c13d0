import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JsonObject } from '../../support';
import {
	emptyGate,
	finishReasonGate,
	lengthGate,
	licenceGate,
	refusalGate,
	schemaGate,
	toolCallGate,
	type EmptyOptions,
	type LengthOptions,
	type LicenceOptions,
} from './answerGates';
import type { BalanceOptions } from './balance';
import { contaminationGate, type ContaminationOptions } from './contamination';
import type { DuplicateOptions } from './duplicates';
import { languageGate, type LanguageOptions } from './languageGate';
import { personalDataGate, type PersonalDataOptions } from './personalData';
import { scoreGate, type ScoreOptions } from './scoreGate';
import type { SplitOptions } from './split';
import type { Gate } from './types';

/** Gates that need nothing are on unless set to false; those that need settings are on when they are given. */
export interface CurateOptions {
	readonly finishReason?: false;
	readonly empty?: EmptyOptions | false;
	readonly refusal?: { readonly patterns?: readonly RegExp[] } | false;
	readonly toolCalls?: false;
	/** A schema for records that bring none. */
	readonly schema?: { readonly schema?: JsonObject } | false;
	readonly length?: LengthOptions | false;
	readonly language?: LanguageOptions;
	readonly duplicates?: DuplicateOptions | false;
	readonly contamination?: ContaminationOptions;
	readonly personalData?: PersonalDataOptions | false;
	readonly score?: ScoreOptions;
	readonly licence?: LicenceOptions;
	readonly balance?: BalanceOptions;
	readonly split?: SplitOptions;
	/** Folder for the set's files. Default: the system's temporary folder. */
	readonly workspace?: string;
}

/**
 * The gates before and after the duplicates. Loading a gate's package takes up to 30 ms once in a process: each load has a
 * turn of the event loop to itself.
 */
export async function buildGates(
	options: CurateOptions,
	signal: AbortSignal | undefined,
): Promise<{ readonly before: readonly Gate[]; readonly after: readonly Gate[] }> {
	const before: Gate[] = [];
	const after: Gate[] = [];
	if (options.finishReason !== false) before.push(finishReasonGate());
	if (options.empty !== false) before.push(emptyGate(options.empty));
	if (options.refusal !== false) before.push(refusalGate(options.refusal?.patterns));
	await nextTurn();
	if (options.toolCalls !== false) before.push(toolCallGate());
	await nextTurn();
	if (options.schema !== false) before.push(schemaGate(options.schema?.schema));
	if (options.length !== false) before.push(lengthGate(options.length));
	if (options.language !== undefined) before.push(await languageGate(options.language));
	if (options.contamination !== undefined) after.push(await contaminationGate(options.contamination, signal));
	await nextTurn();
	if (options.personalData !== false) after.push(await personalDataGate(options.personalData));
	if (options.score !== undefined) after.push(scoreGate(options.score));
	if (options.licence !== undefined) after.push(licenceGate(options.licence));
	return { before, after };
}
