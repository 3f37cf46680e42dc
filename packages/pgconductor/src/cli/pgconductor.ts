#!/usr/bin/env node
import process from 'node:process';
import { runCommand } from './run-command.ts';

void runCommand(process.argv.slice(2), {
  env: process.env,
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
}).then((code) => {
  process.exitCode = code;
});
