/** The unit and integration tests hold on Node 24. */
process.argv[2] = '24';
await import('../test-on-node.mjs');
