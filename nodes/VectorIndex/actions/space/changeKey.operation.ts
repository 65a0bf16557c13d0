import { changeKey } from '../../../../lib/spaces';
import { optionsField } from '../../../shared/fields/optionsField';
import { InputError } from '../../../shared/runtime/errors';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { dataDirectory } from '../../../shared/runtime/dataDirectory';
import { spaceKeyFor } from '../../../shared/runtime/spaces';

export const changeKeyOperation: Operation = {
	option: {
		name: 'Change Key',
		value: 'changeKey',
		action: 'Change the key of a space',
		description:
			'Replaces the key of the space with the key in the credential. The credential needs the old key in Previous Key.',
	},
	fields: [optionsField()],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const { previousKey, ...given } = await spaceKeyFor(item);
			if (previousKey === undefined)
				throw new InputError(
					'The credential has no Previous Key. Enter the old key there and the new one in Key, then run this again.',
				);
			const { name } = await changeKey(dataDirectory(), { ...given, previousKey });
			return { json: { space: name, changed: true } };
		}),
};
