// Preloaded into n8n: when the program that started it is gone, whatever the reason, n8n leaves too.
process.on('disconnect', () => {
	process.kill(process.pid, 'SIGTERM');
	setTimeout(() => process.kill(process.pid, 'SIGKILL'), 10_000);
});
// Its ends of the pipes are closed then, and n8n would log each failed write with another one.
for (const stream of [process.stdout, process.stderr]) {
	stream.on('error', () => process.kill(process.pid, 'SIGKILL'));
}
