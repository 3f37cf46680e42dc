/** Five minutes of outages, kills and broken networks: memory stays flat, the account exact, and nothing is lost. */
process.argv[2] = '5';
await import('../soak.mjs');
