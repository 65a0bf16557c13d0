// Preloaded into n8n: when the program that started it is gone, whatever the reason, n8n leaves too.
process.on('disconnect', () => {
	process.kill(process.pid, 'SIGTERM');
	setTimeout(() => process.kill(process.pid, 'SIGKILL'), 10_000);
});
