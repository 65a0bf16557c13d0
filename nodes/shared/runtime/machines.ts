import { MachineWatch, messageOf } from '../../../lib/support';
import { dataDirectory } from './dataDirectory';

const WHAT_TO_DO =
	'Use Qdrant for indexes (Vector Index → Move) and Postgres for records, or let n8n run on one machine only.';

let watch: { readonly folder: string; readonly machines: MachineWatch } | undefined;
let warned = false;

function watched(): MachineWatch {
	const folder = dataDirectory();
	if (watch?.folder !== folder) watch = { folder, machines: new MachineWatch(folder) };
	return watch.machines;
}

/** An embedded index is used: whether another machine uses the same folder is found out beside it. */
export function noticeMachine(): void {
	const machines = watched();
	machines
		.look()
		.then(() => {
			const others = othersNotice(machines);
			if (others === undefined || warned) return;
			warned = true;
			process.emitWarning(others);
		})
		.catch((thrown: unknown) => {
			process.emitWarning(`Whether other machines use ${dataDirectory()} is not known: ${messageOf(thrown)}`);
		});
}

function othersNotice(machines: MachineWatch): string | undefined {
	const others = machines.others();
	if (others.length === 0) return undefined;
	return `Another machine uses the same data folder at this moment (${others.join(', ')}). Embedded data belongs to one machine: writes of two machines can be lost. ${WHAT_TO_DO}`;
}

/** What people should know about the machines that n8n runs on; undefined where there is nothing. */
export function machinesNotice(): string | undefined {
	const others = othersNotice(watched());
	if (others !== undefined) return others;
	if (process.env.EXECUTIONS_MODE !== 'queue') return undefined;
	return `n8n runs in queue mode: an embedded index is the same for all its processes only if they share the folder on one machine. With several machines: ${WHAT_TO_DO}`;
}
