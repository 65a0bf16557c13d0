// Real Qdrant nodes (QDRANT_BIN), as many as the first argument says; tells their addresses to who started it.
const { startQdrant } = require('../../test/support/qdrant/program.ts');

startQdrant({ nodes: Number(process.argv[2]) }).then(
	(qdrant) => {
		const stop = async () => {
			await qdrant.stop();
			process.exit();
		};
		process.on('message', stop);
		process.on('disconnect', stop);
		process.send(qdrant.nodes.map(({ url }) => url).join(','));
	},
	(error) => {
		console.error(error);
		process.exit(1);
	},
);
