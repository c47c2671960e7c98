#!/usr/bin/env node
import 'reflect-metadata';
import { once } from 'node:events';
import { buildProgram } from './program.js';
import { failWith } from './failure.js';

const context = {
  env: process.env,
  out: (text: string) => void process.stdout.write(text),
  write: async (piece: string | Uint8Array) => {
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
  },
  err: (text: string) => void process.stderr.write(text),
  stdin: process.stdin,
  interactive: process.stderr.isTTY,
};

// A reader that went away (`vidhuk report … | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  const program = await buildProgram(context, process.argv[2]);
  await program.parseAsync(process.argv);
} catch (thrown) {
  // What a failed start left open (a pool, the channel to the parent) must not keep the process from ending.
  process.exit(failWith(context, thrown, process.argv.includes('--json')));
}
