import type { Resource } from '../../shared/runtime/operations';
import { progressOperation } from '../../shared/runtime/progressOperation';
import { deleteRows } from './documents/delete.operation';
import { findChangesOperation } from './documents/findChanges.operation';
import { get } from './documents/get.operation';
import { listDocumentsOperation } from './documents/list.operation';
import { search } from './documents/search.operation';
import { sync } from './documents/sync.operation';
import { upsert } from './documents/upsert.operation';
import { cleanUp } from './index/cleanUp.operation';
import { drift } from './index/drift.operation';
import { migrate } from './index/migrate.operation';
import { restore } from './index/restore.operation';
import { moveOperation } from './index/move.operation';
import { rollBack } from './index/rollBack.operation';
import { create } from './index/create.operation';
import { drop } from './index/drop.operation';
import { evaluate } from './index/evaluate.operation';
import { exportOperation } from './index/export.operation';
import { finishVectorsOperation } from './index/finishVectors.operation';
import { info } from './index/info.operation';
import { list } from './index/list.operation';
import { snapshot } from './index/snapshot.operation';
import { tune } from './index/tune.operation';
import { changeKeyOperation } from './space/changeKey.operation';
import { dropOperation } from './space/drop.operation';
import { listOperation } from './space/list.operation';
import { moveIndexOperation } from './space/moveIndex.operation';

export const resources: readonly Resource[] = [
	{
		option: {
			name: 'Documents',
			value: 'documents',
			description: 'Store, search and delete documents',
		},
		operations: [sync, search, findChangesOperation, listDocumentsOperation, upsert, get, deleteRows],
	},
	{
		option: { name: 'Index', value: 'index', description: 'Create, check, move and back up whole indexes' },
		operations: [
			info,
			progressOperation,
			list,
			create,
			finishVectorsOperation,
			evaluate,
			tune,
			migrate,
			moveOperation,
			rollBack,
			cleanUp,
			drift,
			snapshot,
			restore,
			exportOperation,
			drop,
		],
	},
	{
		option: {
			name: 'Space',
			value: 'space',
			description: 'Manage the space of the credential: its key and its contents',
		},
		operations: [moveIndexOperation, changeKeyOperation, listOperation, dropOperation],
	},
];
