// A nightly run in a process that may be killed at any moment. argv: entry point of lib/distillation, database, workspace, folder of the set.
const [entryPoint, file, workspace, folder] = process.argv.slice(2);
const { curate, exportDataSet, recordStore } = require(entryPoint);

async function main() {
	const store = await recordStore({ backend: 'sqlite', file });
	process.stdout.write('started\n');
	const set = await curate(store.scan(), { workspace });
	const { manifest } = await exportDataSet(set.records(), {
		format: 'trl-messages',
		name: 'set',
		folder,
		allowedFolders: [workspace],
		funnel: set.funnel,
		rowsPerFile: 400,
	});
	await set.close();
	await store.close();
	process.stdout.write(`${JSON.stringify(manifest)}\n`);
}

main();
