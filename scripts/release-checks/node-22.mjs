/** The unit and integration tests hold on Node 22. */
process.argv[2] = '22';
await import('../test-on-node.mjs');
